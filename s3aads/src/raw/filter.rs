//! Filters by texts, as the columns' stored types read them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Bound;

use crate::key::{Filter, FilterKind, KeyColumn, SortedText, TextError};
use crate::plan::{Form, Predicate, compile};
use crate::schema::{ColumnSchema, ColumnType, Encoding, Layout};

/// The predicate of a filter by texts on a column.
///
/// Numbers are compared as numbers and the names of an enum in its order. Dates, timestamps and
/// UUIDs are stored in the order of their texts.
///
/// # Errors
///
/// If a text is none of the column's type, or the type has no such filter.
pub(super) fn compile_texts(
    filter: &Filter<String>,
    column: &ColumnSchema,
    layout: Layout,
) -> Result<Predicate, TextError> {
    let form = Form {
        encoding: column.encoding(),
        layout,
    };
    if let FilterKind::Any(conditions) = &filter.0 {
        let parts = conditions
            .iter()
            .map(|condition| compile_texts(&Filter(condition.clone()), column, layout));
        return Ok(Predicate::any(parts.collect::<Result<Vec<_>, _>>()?));
    }
    let is_descending = form.encoding == Encoding::Descending;
    match column.column_type() {
        ColumnType::Unsigned(8) => typed::<u8>(filter, form),
        ColumnType::Unsigned(16) => typed::<u16>(filter, form),
        ColumnType::Unsigned(32) => typed::<u32>(filter, form),
        ColumnType::Unsigned(64) => typed::<u64>(filter, form),
        ColumnType::Unsigned(_) => typed::<u128>(filter, form),
        ColumnType::Signed(8) => typed::<i8>(filter, form),
        ColumnType::Signed(16) => typed::<i16>(filter, form),
        ColumnType::Signed(32) => typed::<i32>(filter, form),
        ColumnType::Signed(64) => typed::<i64>(filter, form),
        ColumnType::Signed(_) => typed::<i128>(filter, form),
        ColumnType::Bool => typed::<bool>(filter, form),
        ColumnType::Char => typed::<char>(filter, form),
        ColumnType::Ipv4 => typed::<Ipv4Addr>(filter, form),
        ColumnType::Ipv6 => typed::<Ipv6Addr>(filter, form),
        ColumnType::Ip => typed::<IpAddr>(filter, form),
        ColumnType::Date | ColumnType::Timestamp | ColumnType::DateTime if is_descending => {
            typed::<SortedText<10>>(filter, form)
        }
        ColumnType::Uuid if is_descending => typed::<SortedText<16>>(filter, form),
        ColumnType::Enum(names) => compile(&of_names(filter, names)?, form),
        _ => compile(filter, form),
    }
}

/// The filter on values that these texts are.
fn typed<T: KeyColumn + std::str::FromStr>(
    filter: &Filter<String>,
    form: Form,
) -> Result<Predicate, TextError> {
    let parse = |text: &String| {
        text.parse::<T>()
            .map_err(|_| TextError::new(format!("{text:?} is no {}", T::TYPE)))
    };
    let bound = |bound: &Bound<String>| {
        Ok(match bound {
            Bound::Unbounded => Bound::Unbounded,
            Bound::Included(text) => Bound::Included(parse(text)?),
            Bound::Excluded(text) => Bound::Excluded(parse(text)?),
        })
    };
    let filter = match &filter.0 {
        FilterKind::Values(texts) => {
            Filter::values(texts.iter().map(parse).collect::<Result<Vec<T>, _>>()?)
        }
        FilterKind::Range(low, high) => Filter::range(bound(low)?, bound(high)?),
        FilterKind::StartsWith(_) | FilterKind::Any(_) => {
            return Err(TextError::new(format!(
                "a {} has no prefix; ask for a range or for values",
                T::TYPE
            )));
        }
    };
    compile(&filter, form)
}

/// The filter by the names that it means.
fn of_names(filter: &Filter<String>, names: &[&str]) -> Result<Filter<String>, TextError> {
    let place = |text: &String| {
        let place = names.iter().position(|name| name == text);
        place.ok_or_else(|| crate::key::unknown_variant(text, names))
    };
    let meant: Vec<&str> = match &filter.0 {
        FilterKind::Values(texts) => {
            let places: Result<Vec<usize>, _> = texts.iter().map(place).collect();
            let places = places?.into_iter();
            places.filter_map(|at| names.get(at).copied()).collect()
        }
        FilterKind::Range(Bound::Unbounded, Bound::Unbounded) => return Ok(filter.clone()),
        FilterKind::Range(low, high) => {
            let low = match low {
                Bound::Unbounded => 0,
                Bound::Included(low) => place(low)?,
                Bound::Excluded(low) => place(low)? + 1,
            };
            let end = match high {
                Bound::Unbounded => names.len(),
                Bound::Included(high) => place(high)? + 1,
                Bound::Excluded(high) => place(high)?,
            };
            names.get(low..end).unwrap_or_default().to_vec()
        }
        // Taken apart before.
        FilterKind::Any(_) => Vec::new(),
        FilterKind::StartsWith(prefix) => {
            let names = names.iter().copied();
            names.filter(|name| name.starts_with(&**prefix)).collect()
        }
    };
    Ok(Filter::values(meant.into_iter().map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{IntoFilter, starts_with};

    fn predicate(
        filter: impl IntoFilter<String>,
        column_type: ColumnType,
        encoding: Encoding,
    ) -> Result<Predicate, TextError> {
        let column = ColumnSchema::new("c", column_type, encoding);
        compile_texts(&filter.into_filter(), &column, Layout::Plain)
    }

    fn accepted(predicate: &Predicate) -> Vec<&str> {
        predicate.enumerated().unwrap().collect()
    }

    #[test]
    fn texts_of_descending_columns_and_addresses() {
        let day = |filter| predicate(filter, ColumnType::Date, Encoding::Descending).unwrap();
        assert_eq!(day("2020-01-31").bound_value(), Some("7979-98-68"));
        let since = predicate("2020-01-31".., ColumnType::Date, Encoding::Descending).unwrap();
        assert!(since.matches("7979-98-68") && since.matches("7978-98-98"));
        assert!(!since.matches("7979-98-69"));
        assert!(predicate("2020", ColumnType::Date, Encoding::Descending).is_err());
        let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
        let id = predicate(id, ColumnType::Uuid, Encoding::Descending).unwrap();
        assert_eq!(
            id.bound_value(),
            Some("981aafbb-ef4e-bd90-6db8-4497f1a01f37")
        );
        let private = predicate("10.0.0.0".., ColumnType::Ipv4, Encoding::Ordered).unwrap();
        assert!(private.matches("010.000.000.001") && !private.matches("009.255.255.255"));
    }

    #[test]
    fn texts_are_read_as_the_column_s_type() {
        let month = |filter: &str| predicate(filter, ColumnType::Unsigned(8), Encoding::Width(2));
        assert_eq!(month("7").unwrap().bound_value(), Some("07"));
        assert_eq!(month("007").unwrap().bound_value(), Some("07"));
        assert!(month("July").unwrap_err().to_string().contains("no u8"));
        assert!(month("300").is_err() && month("100").is_err());
        let years = predicate("9".."12", ColumnType::Unsigned(16), Encoding::Plain).unwrap();
        assert_eq!(accepted(&years), ["10", "11", "9"]);
        let ordered = predicate("-5".., ColumnType::Signed(8), Encoding::Ordered).unwrap();
        assert!(ordered.matches("-998") && !ordered.matches("-900"));
        let number = predicate(starts_with("1"), ColumnType::Unsigned(8), Encoding::Plain);
        assert!(number.unwrap_err().to_string().contains("no prefix"));
        let text = predicate("a".."b", ColumnType::String, Encoding::Plain).unwrap();
        assert!(text.matches("ab") && !text.matches("b"));
        let days = predicate(starts_with("2020-"), ColumnType::Date, Encoding::Plain).unwrap();
        assert!(days.matches("2020-01-31") && !days.matches("2021-01-31"));
        assert!(predicate("maybe", ColumnType::Bool, Encoding::Plain).is_err());
    }

    #[test]
    fn names_are_in_the_order_of_their_enum() {
        const SIZES: ColumnType = ColumnType::Enum(&["small", "medium", "large"]);
        let sizes = |low: &str| predicate(low.., SIZES, Encoding::Plain);
        assert_eq!(accepted(&sizes("medium").unwrap()), ["large", "medium"]);
        assert!(sizes("huge").is_err());
        let none = predicate("large".."small", SIZES, Encoding::Plain).unwrap();
        assert!(none.is_impossible());
        let start = predicate(starts_with("m"), SIZES, Encoding::Plain).unwrap();
        assert_eq!(accepted(&start), ["medium"]);
        assert!(predicate(.., SIZES, Encoding::Plain).unwrap().is_all());
        assert!(predicate("huge", SIZES, Encoding::Plain).is_err());
    }
}
