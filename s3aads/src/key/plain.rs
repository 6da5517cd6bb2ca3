//! Plain texts of columns of which only the schema is known: whether a text is one, and which of two
//! comes first.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::column::{ColumnType, Encoding, KeyColumn};
use super::sorted_text::SortedText;
use crate::schema::ColumnSchema;

/// Calls a function for the type that has the texts of a column type.
macro_rules! of_type {
    ($column_type:expr, $call:ident($($arg:expr),*)) => {
        match $column_type {
            ColumnType::Unsigned(8) => $call::<u8>($($arg),*),
            ColumnType::Unsigned(16) => $call::<u16>($($arg),*),
            ColumnType::Unsigned(32) => $call::<u32>($($arg),*),
            ColumnType::Unsigned(64) => $call::<u64>($($arg),*),
            ColumnType::Unsigned(_) => $call::<u128>($($arg),*),
            ColumnType::Signed(8) => $call::<i8>($($arg),*),
            ColumnType::Signed(16) => $call::<i16>($($arg),*),
            ColumnType::Signed(32) => $call::<i32>($($arg),*),
            ColumnType::Signed(64) => $call::<i64>($($arg),*),
            ColumnType::Signed(_) => $call::<i128>($($arg),*),
            ColumnType::Bool => $call::<bool>($($arg),*),
            ColumnType::Char => $call::<char>($($arg),*),
            ColumnType::String | ColumnType::Enum(_) => $call::<String>($($arg),*),
            ColumnType::Date | ColumnType::Timestamp | ColumnType::DateTime => {
                $call::<SortedText<10>>($($arg),*)
            }
            ColumnType::Uuid => $call::<SortedText<16>>($($arg),*),
            ColumnType::Ipv4 => $call::<Ipv4Addr>($($arg),*),
            ColumnType::Ipv6 => $call::<Ipv6Addr>($($arg),*),
            ColumnType::Ip => $call::<IpAddr>($($arg),*),
        }
    };
}

/// Bytes of a date's text.
const DATE: usize = "2020-01-31".len();

/// Whether a value of the type has this plain text. Of dates only the form is looked at.
pub(crate) fn is_plain(column_type: ColumnType, text: &str) -> bool {
    fn reads<T: KeyColumn>(text: &str) -> bool {
        T::decode(text, Encoding::Plain).is_ok()
    }

    match column_type {
        ColumnType::String => true,
        ColumnType::Enum(names) => names.contains(&text),
        ColumnType::Date if text.len() != DATE => false,
        ColumnType::Timestamp if !text.ends_with('Z') => false,
        ColumnType::DateTime if text.len() == DATE || text.ends_with('Z') => false,
        _ => of_type!(column_type, reads(text)),
    }
}

/// The plain text of the value whose text in the column's encoding this is; none if it is no
/// value's.
pub(crate) fn to_plain(column: &ColumnSchema, text: &str) -> Option<String> {
    fn recode<T: KeyColumn>(text: &str, encoding: Encoding) -> Option<String> {
        let mut plain = String::with_capacity(text.len());
        let value = T::decode(text, encoding).ok()?;
        value.encode(Encoding::Plain, &mut plain).ok()?;
        Some(plain)
    }

    let plain = of_type!(column.column_type(), recode(text, column.encoding()))?;
    is_plain(column.column_type(), &plain).then_some(plain)
}

/// The order of two values by their plain texts: numbers as numbers, the names of an enum as they
/// are listed, addresses of version 4 first, everything else by its bytes.
pub(crate) fn compare(column_type: ColumnType, a: &str, b: &str) -> Ordering {
    match column_type {
        ColumnType::Unsigned(_) => magnitudes(a, b),
        ColumnType::Signed(_) => match (a.strip_prefix('-'), b.strip_prefix('-')) {
            (None, None) => magnitudes(a, b),
            (Some(a), Some(b)) => magnitudes(b, a),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        },
        ColumnType::Enum(names) => {
            let place = |text| names.iter().position(|name| *name == text);
            place(a).cmp(&place(b)).then_with(|| a.cmp(b))
        }
        ColumnType::Ipv4 | ColumnType::Ipv6 | ColumnType::Ip => {
            let address = |text: &str| text.parse::<IpAddr>().ok();
            address(a).cmp(&address(b)).then_with(|| a.cmp(b))
        }
        _ => a.cmp(b),
    }
}

/// The order of two numbers without a sign or zeros before them.
fn magnitudes(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_the_order_of_their_values() {
        fn check<T: KeyColumn>(rising: impl IntoIterator<Item = T>) {
            let text = |value: T| {
                let mut text = String::new();
                value.encode(Encoding::Plain, &mut text).unwrap();
                text
            };
            let texts: Vec<String> = rising.into_iter().map(text).collect();
            for pair in texts.windows(2) {
                let order = compare(T::TYPE, &pair[0], &pair[1]);
                assert_eq!(order, Ordering::Less, "{pair:?}");
                assert!(is_plain(T::TYPE, &pair[0]));
            }
        }
        let v4 = [0, 1, 9, 10, 0x0900_0000, 0x0a00_0000, u32::MAX].map(Ipv4Addr::from);
        let v6 = [0, 1, 9, 16, 1 << 64, u128::MAX].map(Ipv6Addr::from);
        check(0..=u8::MAX);
        check(i8::MIN..=i8::MAX);
        check([0, 9, 10, 99, 100, u64::MAX - 1, u64::MAX]);
        check([0, 9, 10, 1 << 64, u128::MAX]);
        check([i64::MIN, -100, -99, -10, -9, 0, 9, 10, i64::MAX]);
        check([i128::MIN, -10, -9, 0, 9, 10, i128::MAX]);
        check([false, true]);
        check(v4);
        check(v6);
        check(v4.map(IpAddr::from).into_iter().chain(v6.map(IpAddr::from)));
        let second = std::time::Duration::from_secs(1);
        check([0, 1, 60].map(|n| std::time::SystemTime::UNIX_EPOCH + n * second));
    }

    #[test]
    fn an_enum_is_in_the_order_of_its_names() {
        let of = ColumnType::Enum(&["todo", "doing", "done"]);
        assert_eq!(compare(of, "todo", "doing"), Ordering::Less);
        assert_eq!(compare(of, "done", "done"), Ordering::Equal);
        assert!(is_plain(of, "done") && !is_plain(of, "open"));
    }

    #[test]
    fn texts_that_are_none_of_the_type() {
        for (column_type, text) in [
            (ColumnType::Unsigned(8), "256"),
            (ColumnType::Unsigned(8), "07"),
            (ColumnType::Signed(8), "-0"),
            (ColumnType::Bool, "TRUE"),
            (ColumnType::Char, ""),
            (ColumnType::Date, "20200131T235959.123456789Z"),
            (ColumnType::Timestamp, "2020-01-31"),
            (ColumnType::Timestamp, "20200131T235959.123456789"),
            (ColumnType::DateTime, "20200131T235959.123456789Z"),
            (ColumnType::DateTime, "2020-01-31"),
            (ColumnType::Uuid, "6BA7B810-9DAD-11D1-80B4-00C04FD430C8"),
            (ColumnType::Ip, "::ffff:1.2.3.400"),
        ] {
            assert!(!is_plain(column_type, text), "{column_type} {text:?}");
        }
    }

    #[test]
    fn a_text_of_any_encoding_has_a_plain_one() {
        let plain = |column_type, encoding, text: &str| {
            to_plain(&ColumnSchema::new("c", column_type, encoding), text)
        };
        let (u8s, dates) = (ColumnType::Unsigned(8), ColumnType::Date);
        assert_eq!(plain(u8s, Encoding::Width(2), "07").as_deref(), Some("7"));
        assert_eq!(
            plain(u8s, Encoding::Descending, "248").as_deref(),
            Some("7")
        );
        assert_eq!(plain(u8s, Encoding::Width(2), "7"), None);
        let date = plain(dates, Encoding::Descending, "7979-98-68");
        assert_eq!(date.as_deref(), Some("2020-01-31"));
        assert_eq!(plain(ColumnType::Enum(&["a"]), Encoding::Plain, "b"), None);
    }
}
