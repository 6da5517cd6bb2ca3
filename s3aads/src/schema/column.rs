//! What a key column holds, and how it is written.

use std::fmt;

/// How a column's values are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// The type's plain text: integers in canonical decimal.
    #[default]
    Plain,
    /// Integers zero-padded to this many digits.
    Width(u8),
    /// Integers in a fixed width whose byte order is the order of the values.
    Ordered,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("plain"),
            Self::Width(digits) => write!(f, "width {digits}"),
            Self::Ordered => f.write_str("ordered"),
        }
    }
}

/// What a stored column holds, as the schema writes it down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    /// An unsigned integer of this many bits.
    Unsigned(u32),
    /// A signed integer of this many bits.
    Signed(u32),
    /// `true` or `false`.
    Bool,
    /// One Unicode scalar value.
    Char,
    /// Any text.
    String,
    /// A calendar date, `2020-01-31`.
    Date,
    /// A UTC timestamp, `20200131T235959.123456789Z`.
    Timestamp,
    /// A UUID, hyphenated, in lower case.
    Uuid,
    /// One of these names.
    Enum(&'static [&'static str]),
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(bits) => write!(f, "u{bits}"),
            Self::Signed(bits) => write!(f, "i{bits}"),
            Self::Bool => f.write_str("bool"),
            Self::Char => f.write_str("char"),
            Self::String => f.write_str("string"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Uuid => f.write_str("uuid"),
            Self::Enum(names) => write!(f, "enum({})", names.join("|")),
        }
    }
}
