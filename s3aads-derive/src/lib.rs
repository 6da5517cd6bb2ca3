//! The derive macros of [s3aads](https://docs.rs/s3aads): use them through that crate, which
//! documents them.
//!
//! A derive runs in four steps: `parse` reads the attributes, `model` is what they say,
//! `check` is every rule that a table has to keep, and `expand` alone writes code. Errors are
//! collected on the way, each at the token at fault, and reported together; if there are any,
//! what is expanded is a stub with the same names and types, so that nothing else fails to
//! compile because of them.

mod check;
mod errors;
mod expand;
mod model;
mod parse;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::errors::Errors;

/// Makes a struct with named fields the row of a table.
///
/// ```ignore
/// /// One day's readings.
/// #[derive(S3Table)]
/// #[s3(table = "daily-data")]
/// pub struct DailyData {
///     #[s3(key)]
///     pub id: u64,
///     #[s3(key, width = 2)]
///     pub month: u8,
///     #[s3(data)]
///     pub data: Vec<String>,
/// }
/// ```
///
/// # Settings
///
/// On the struct, `#[s3(...)]` takes
///
/// - `table = "..."`: the table's name; the struct's in snake case if it is not given.
/// - `layout = "hive"`: key columns become `<column>=<value>` folders, as DuckDB, Spark and their
///   like read partitions; `"plain"` is the default. Signed integers can't be `ordered` there, no
///   column `descending`, and a column's name is one that needs no escape.
/// - `compress = "gzip"`: the objects of a packed table are compressed, and end in `.gz`.
/// - `handle = "Days"`: the names of the generated handle (`Days`) and query (`DaysQuery`).
/// - `index(name, columns = "a, b")`, any number of times: rows are found by these key columns and
///   fields, in this order; the name is that of a folder in the store.
/// - `crate = "..."`: the path of the s3aads crate, if it is not `::s3aads`.
///
/// On a field:
///
/// - `key`: a key column; their order is the key's. Its type is a `KeyColumn`. With it
///   - `width = N`: integers zero-padded to N digits, 1 to 39;
///   - `ordered`: integers or IP addresses in a fixed width whose order as text is that of the
///     values;
///   - `descending`: integers, dates, timestamps or UUIDs in a fixed width whose order as text is
///     the opposite, so that rows come from the greatest value on; ranges are said as usual;
///   - `packed`, on the last key columns: rows that differ in these alone share one object, a *pack*,
///     in which each is a line of JSON. With every key column packed the table is one object. The
///     other fields stand in the line by their names, `data` and `text` or not, and have other names
///     than the key columns. Values stand in a pack in the order of their stored type, so that the
///     three settings above do not apply;
///   - `rename = "..."`: the column's stored name;
///   - `plural = "..."`: the name of the method that is otherwise called `<column>s`.
/// - `index`: rows are found by this field of the body, too. It is a `KeyColumn` or an `Option` of one; a
///   row of `None` is not found by it. `width`, `ordered`, `descending` and `plural` apply as to key columns.
/// - `data`: the field's JSON is the row's body.
/// - `bytes`: the field, a `Vec<u8>` or `Bytes`, is the body as it is.
/// - `text`: the field, a `String`, is the body in UTF-8.
///
/// Without one of the last three, the body is a JSON object of the fields that are not key
/// columns. `#[serde(...)]` attributes on them and on the struct apply to it, without the struct
/// being `Serialize`; if it is, that is another form of it. With `data`, those that are about
/// the value apply: `with`, `serialize_with` and `deserialize_with`. Attributes for serde on key
/// columns have no effect on what is stored.
///
/// # What is generated
///
/// In the struct's visibility, for a struct `DailyData`:
///
/// - `DailyDataKey`: a struct of the key columns, shown and parsed as the row's path below its
///   table, and made from a `&DailyData` or a tuple of the columns, in which `&str` stands for
///   `String`; for a single column also from the column itself. serde reads and writes it as a struct
///   of its columns by their stored names, whose types need not know serde: integers of up to 64
///   bits are numbers, `bool` is itself, and everything else is its text.
/// - `DailyDataQuery`, which derefs to `Query<DailyData>` and has, for each column,
///   `filter_by_<column>` and `<column>s`; if that is a keyword, as for a column `a`, it is raw
///   (`r#as`). It has the same for each field that an index has.
/// - `DailyDataTable`, a name for `Table<DailyData>`, which derefs to a `DailyDataQuery` for every
///   row.
/// - `DailyDataColumns`, the type of `DailyData::COLUMNS`.
/// - The implementation of the trait `S3Table`.
#[proc_macro_derive(S3Table, attributes(s3, serde))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = Errors::default();
    let Some(row) = parse::row(&input, &mut errors) else {
        return errors.into_tokens().into();
    };
    check::row(&row, &mut errors);
    let code = expand::row(&row, !errors.is_empty());
    let mut tokens = errors.into_tokens();
    tokens.extend(code);
    tokens.into()
}

/// Makes a newtype or an enum without fields a type of key columns.
///
/// ```ignore
/// #[derive(Debug, Clone, PartialEq, Eq, Hash, KeyColumn)]
/// #[s3(ord)]
/// struct CustomerId(u64);
///
/// #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
/// enum Weather {
///     Sun,
///     #[s3(rename = "wet")]
///     HeavyRain,
/// }
/// ```
///
/// A newtype is stored as its field, in each of its encodings. Ranges of it are in the order of its
/// own `Ord`, whatever that is, which no listing can know: they are tested key by key. With
/// `#[s3(ord)]` this derive writes `PartialOrd` and `Ord` itself, in the order of the field, and
/// ranges are found by the listing as those of the field are; derive neither of the two then. For
/// rows from the greatest value on, make the column `descending`. A
/// variant is stored as its name in snake case, or as its `rename`; the order of a column's values
/// is that of the type, and the order of its rows in the store that of the names. `#[s3(crate =
/// "...")]` on the type is the path of the s3aads crate, if it is not `::s3aads`.
#[proc_macro_derive(KeyColumn, attributes(s3))]
pub fn derive_key_column(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut errors = Errors::default();
    let Some(column) = parse::column_type(&input, &mut errors) else {
        return errors.into_tokens().into();
    };
    check::column_type(&column, &mut errors);
    let code = expand::column_type(&column, !errors.is_empty());
    let mut tokens = errors.into_tokens();
    tokens.extend(code);
    tokens.into()
}
