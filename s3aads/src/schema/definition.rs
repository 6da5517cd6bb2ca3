//! A schema written as text, as [`Schema`] prints itself: for programs that learn of a table at run
//! time. What the derive refuses when a struct is compiled is refused here when the text is read.

use std::str::FromStr;

use super::{BodyFormat, ColumnSchema, ColumnType, Compression, Encoding, Layout, Schema};
use crate::error::{Error, ErrorKind, Result};

/// The digits of the greatest integer.
const MOST_DIGITS: u8 = 39;

/// What Hive escapes in a folder's name; not every engine undoes that in a column's name.
const HIVE_ESCAPES: &[char] = &[
    '"', '#', '%', '\'', '*', '/', ':', '=', '?', '\\', '{', '[', ']', '^',
];

/// Reads what [`Display`](std::fmt::Display) prints: `days(id: u64 plain, month: u8 width 2) layout
/// plain, body data`. A column without an encoding is plain, and one without a type is text; a missing
/// layout is plain, and a missing body is an object. The last columns may be `packed`, and then
/// `compress gzip` may follow the body. Names that hold `,`, `:`, `(`, `)` or spaces can't be written.
///
/// # Errors
///
/// `InvalidConfig` if the text is no schema, or one that no struct could have.
///
/// ```
/// use s3aads::Schema;
///
/// let schema: Schema = "days(id: u64, year: u16, month: u8 width 2)".parse()?;
/// assert_eq!(
///     schema.to_string(),
///     "days(id: u64 plain, year: u16 plain, month: u8 width 2) layout plain, body object",
/// );
/// assert!("days(name: string width 2)".parse::<Schema>().is_err());
/// # Ok::<(), s3aads::Error>(())
/// ```
impl FromStr for Schema {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (table, rest) = text
            .split_once('(')
            .ok_or_else(|| invalid("a schema is like days(id: u64, month: u8 width 2)"))?;
        // The columns' end: an enum's names have parentheses of their own.
        let end = closing(rest).ok_or_else(|| invalid("the columns end with a `)`"))?;
        let (columns, rest) = rest.split_at(end);
        let mut parsed = Vec::new();
        for column in top_level(columns) {
            parsed.push(column_of(column.trim())?);
        }
        let packed = parsed
            .iter()
            .rev()
            .take_while(|(_, packed)| *packed)
            .count();
        if parsed.iter().filter(|(_, packed)| *packed).count() != packed {
            return Err(invalid("packed columns are the last ones"));
        }
        let columns = parsed.into_iter().map(|(column, _)| column).collect();
        let table = table.trim().to_owned();
        let mut schema = Self::stored(table, columns, Layout::Plain, BodyFormat::Object);
        let mut compression = None;
        let rest = rest.trim_start_matches(')');
        for setting in rest.split(',').map(str::trim).filter(|s| !s.is_empty()) {
            let (name, value) = setting.split_once(' ').unwrap_or((setting, ""));
            match name {
                "layout" => schema.layout = named(Layout::ALL, "layout", value)?,
                "body" => schema.body = named(BodyFormat::ALL, "body format", value)?,
                "compress" => {
                    compression = Some(named(Compression::ALL, "compression", value)?);
                }
                _ => return Err(invalid(format!("a schema has no setting {setting:?}"))),
            }
        }
        let schema = schema.with_packed(packed, compression);
        check(&schema)?;
        Ok(schema)
    }
}

impl Schema {
    /// The same stored form, for a table of another name.
    ///
    /// ```
    /// # use s3aads::Schema;
    /// let days: Schema = "days(year: u16)".parse()?;
    /// assert_eq!(days.with_table("copies").table(), "copies");
    /// # Ok::<(), s3aads::Error>(())
    /// ```
    #[must_use]
    pub fn with_table(mut self, table: impl Into<String>) -> Self {
        self.table = table.into().into();
        self
    }
}

/// `name: type encoding`, and whether it is packed.
fn column_of(text: &str) -> Result<(ColumnSchema, bool)> {
    let (name, rest) = text.split_once(':').unwrap_or((text, "string"));
    let (name, rest) = (name.trim(), rest.trim());
    let split = if rest.starts_with("enum(") {
        rest.find(')').map(|end| rest.split_at(end + 1))
    } else {
        rest.split_once(' ')
    };
    let (type_text, encoding) = split.unwrap_or((rest, ""));
    let column_type = match type_text.strip_prefix("enum(") {
        Some(names) => {
            let names = names.trim_end_matches(')').split('|');
            ColumnType::of_names(names.map(|name| name.trim().to_owned()).collect())
        }
        None => ColumnType::of_name(type_text).ok_or_else(|| {
            let known = ColumnType::NAMED.iter().map(ToString::to_string);
            let known = known.collect::<Vec<_>>().join(", ");
            column_error(
                name,
                format!("there is no type {type_text:?}; there are {known} and enum(a|b)"),
            )
        })?,
    };
    let (encoding, packed) = match encoding.trim() {
        "" => (Encoding::Plain, false),
        "packed" => (Encoding::Plain, true),
        text => {
            let width = text
                .strip_prefix("width")
                .map(|digits| digits.trim().parse());
            let encoding = match width {
                Some(Ok(digits)) => Some(Encoding::Width(digits)),
                Some(Err(_)) => None,
                None => Encoding::of_name(text),
            };
            let known = "there are plain, width N, ordered, descending and packed";
            let unknown = || column_error(name, format!("there is no encoding {text:?}; {known}"));
            (encoding.ok_or_else(unknown)?, false)
        }
    };
    Ok((
        ColumnSchema::stored(name.to_owned(), column_type, encoding),
        packed,
    ))
}

/// Refuses what no struct could have.
fn check(schema: &Schema) -> Result<()> {
    let hive = schema.layout == Layout::Hive;
    if schema.columns.is_empty() {
        return Err(invalid("a table needs at least one key column"));
    }
    if schema.packed > 0 && schema.body == BodyFormat::Bytes {
        return Err(invalid(
            "the rows of a packed table are JSON and can't be bytes",
        ));
    }
    if schema.packed == 0 && schema.compression.is_some() {
        return Err(invalid("`compress` is for packs, and no column is packed"));
    }
    for (i, column) in schema.columns.iter().enumerate() {
        let name = column.name();
        let fold = |name: &str| {
            if hive {
                name.to_lowercase()
            } else {
                name.to_owned()
            }
        };
        let before = schema.columns.iter().take(i);
        let why = if name.is_empty() {
            Some("a key column needs a name")
        } else if before.clone().any(|other| fold(other.name()) == fold(name)) {
            Some("each key column needs a name of its own")
        } else if name.chars().any(|c| c.is_ascii_control()) {
            Some("a column's name has no control characters")
        } else if hive && (name.contains(HIVE_ESCAPES) || name.starts_with(['_', '.'])) {
            Some("not every engine reads a column of this name in the hive layout")
        } else {
            encoding_fault(column, hive)
        };
        if let Some(why) = why {
            return Err(column_error(name, why));
        }
    }
    Ok(())
}

/// Why a column's type can't be written so.
fn encoding_fault(column: &ColumnSchema, hive: bool) -> Option<&'static str> {
    use ColumnType::{Date, DateTime, Ip, Ipv4, Ipv6, Signed, Timestamp, Unsigned, Uuid};
    let kind = column.column_type();
    match column.encoding() {
        Encoding::Plain => None,
        Encoding::Width(digits) if !(1..=MOST_DIGITS).contains(&digits) => {
            Some("a width is 1 to 39 digits")
        }
        Encoding::Width(_) => {
            (!matches!(kind, Unsigned(_) | Signed(_))).then_some("only integers have a width")
        }
        Encoding::Ordered if hive && matches!(kind, Signed(_)) => {
            Some("no engine reads an ordered signed integer of the hive layout as the number it is")
        }
        Encoding::Ordered => (!matches!(kind, Unsigned(_) | Signed(_) | Ipv4 | Ipv6 | Ip))
            .then_some("only integers and addresses have an ordered form"),
        Encoding::Descending if hive => {
            Some("engines would read the complements of a descending column as its values")
        }
        Encoding::Descending => {
            let has = matches!(
                kind,
                Unsigned(_) | Signed(_) | Date | Timestamp | DateTime | Uuid
            );
            (!has).then_some("only integers, dates, times and UUIDs have a descending form")
        }
    }
}

/// Where the parenthesis closes that was opened before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    text.char_indices().find_map(|(at, c)| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        (depth == 0).then_some(at)
    })
}

/// The parts between commas, but for those within parentheses.
fn top_level(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..).filter(|rest| !rest.trim().is_empty()));
    parts
}

fn named<T: ToString + Copy>(all: &[T], what: &str, name: &str) -> Result<T> {
    let found = all.iter().find(|known| known.to_string() == name).copied();
    found.ok_or_else(|| {
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        invalid(format!(
            "there is no {what} {name:?}; there are {}",
            names.join(", ")
        ))
    })
}

fn column_error(column: &str, message: impl Into<String>) -> Error {
    invalid(message).in_column(column)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidConfig, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_schema_prints_is_read() {
        for text in [
            "daily-data(id: u64 plain, month: u8 width 2) layout plain, body data",
            "t(a: string plain) layout plain, body bytes",
            "t(a: enum(open|shut) plain, at: timestamp descending) layout plain, body empty",
            "t(a: ipv4 ordered, b: i8 ordered, c: u8 packed) layout plain, body object, compress gzip",
            "t(a: date plain, b: uuid packed, c: i64 packed) layout hive, body object",
        ] {
            let schema: Schema = text.parse().unwrap();
            assert_eq!(schema.to_string(), text);
        }
        let short: Schema = "t(a, b:u8)".parse().unwrap();
        assert_eq!(
            short.to_string(),
            "t(a: string plain, b: u8 plain) layout plain, body object"
        );
    }

    #[test]
    fn what_no_struct_could_have_is_refused() {
        for (text, why) in [
            ("t", "is like"),
            ("t(a", "end with"),
            ("t()", "at least one"),
            ("t(a, a)", "of its own"),
            ("t(a: u65)", "no type"),
            ("t(a: u8 sideways)", "no encoding"),
            ("t(a: u8 width 0)", "1 to 39"),
            ("t(a: u8 width x)", "no encoding"),
            ("t(a: string width 2)", "only integers"),
            ("t(a: string ordered)", "only integers and addresses"),
            ("t(a: bool descending)", "only integers, dates"),
            ("t(a: i8 ordered) layout hive", "no engine"),
            ("t(a: u8 descending) layout hive", "complements"),
            ("t(A, a) layout hive", "of its own"),
            ("t(_a) layout hive", "not every engine"),
            ("t(a: u8 packed, b: u8)", "the last ones"),
            ("t(a: u8 packed) body bytes", "can't be bytes"),
            ("t(a) compress gzip", "no column is packed"),
            ("t(a) layout round", "no layout"),
            ("t(a) colour red", "no setting"),
        ] {
            let error = text.parse::<Schema>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{text}");
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
    }
}
