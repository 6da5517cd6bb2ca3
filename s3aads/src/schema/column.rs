//! What a key column holds, and how it is written.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// How a column's values are written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// The type's plain text: integers in canonical decimal.
    #[default]
    Plain,
    /// Integers zero-padded to this many digits.
    Width(u8),
    /// Integers and IP addresses in a fixed width whose byte order is the order of the values.
    Ordered,
    /// A fixed width whose byte order is the opposite of the values' order: the greatest first.
    Descending,
}

impl Encoding {
    /// The encoding of this name, which says all of it.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let mut named = [Self::Plain, Self::Ordered, Self::Descending].into_iter();
        named.find(|named| named.to_string() == name)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("plain"),
            Self::Width(digits) => write!(f, "width {digits}"),
            Self::Ordered => f.write_str("ordered"),
            Self::Descending => f.write_str("descending"),
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
    /// A date and time of no time zone, `20200131T235959.123456789`.
    DateTime,
    /// A UUID, hyphenated, in lower case.
    Uuid,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// An IP address of either version.
    Ip,
    /// One of these names.
    Enum(&'static [&'static str]),
}

impl ColumnType {
    /// The types that a name alone tells.
    pub(super) const NAMED: &'static [Self] = &[
        Self::Unsigned(8),
        Self::Unsigned(16),
        Self::Unsigned(32),
        Self::Unsigned(64),
        Self::Unsigned(128),
        Self::Signed(8),
        Self::Signed(16),
        Self::Signed(32),
        Self::Signed(64),
        Self::Signed(128),
        Self::Bool,
        Self::Char,
        Self::String,
        Self::Date,
        Self::Timestamp,
        Self::DateTime,
        Self::Uuid,
        Self::Ipv4,
        Self::Ipv6,
        Self::Ip,
    ];

    pub(super) fn of_name(name: &str) -> Option<Self> {
        let mut named = Self::NAMED.iter();
        named.find(|named| named.to_string() == name).copied()
    }

    /// An enum of a stored schema. Each list of names is kept once, for as long as the program runs:
    /// there are as many as stored tables have such columns.
    pub(super) fn of_names(names: Vec<String>) -> Self {
        type Kept = BTreeMap<Vec<String>, &'static [&'static str]>;
        static KEPT: Mutex<Kept> = Mutex::new(BTreeMap::new());

        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(&names) {
            return Self::Enum(known);
        }
        let leaked = names.iter().map(|name| &*name.clone().leak());
        let leaked: &'static [&'static str] = leaked.collect::<Vec<_>>().leak();
        kept.insert(names, leaked);
        Self::Enum(leaked)
    }
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
            Self::DateTime => f.write_str("datetime"),
            Self::Uuid => f.write_str("uuid"),
            Self::Ipv4 => f.write_str("ipv4"),
            Self::Ipv6 => f.write_str("ipv6"),
            Self::Ip => f.write_str("ip"),
            Self::Enum(names) => write!(f, "enum({})", names.join("|")),
        }
    }
}
