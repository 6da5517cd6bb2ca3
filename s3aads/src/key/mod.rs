//! Keys: the columns that make a row's path, and the text that stands for them.
//!
//! Three forms, from the inside out: a column's *value* (`7u8`), its *text* by the column's
//! encoding (`07`), and its *segment* of the path (the text, percent-encoded, or `%_` for the
//! empty text). A key's path is its segments joined by `/`.

mod column;
mod filter;
mod form;
mod int;
mod path;
mod segment;
mod text;
mod variant;

#[cfg(any(feature = "chrono", feature = "jiff"))]
mod calendar;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "uuid")]
mod uuid;

#[cfg(test)]
mod tests;

pub(crate) use column::display;
pub use column::{ColumnType, Encoding, IntoColumn, KeyColumn, TextError};
pub(crate) use filter::Condition;
pub use filter::{Filter, IntoFilter, StartsWith, starts_with};
pub use form::{HasOrdered, HasWidth, IntegerForm, TextForm};
pub use path::{KeyPrinter, KeyReader, KeyWriter, TableKey, parse_key};
pub(crate) use path::{
    MAX_PATH_BYTES, check_length, push_segment, read_key, segment_text, write_key,
};
pub(crate) use segment::{decode_segment, encode_segment};
pub use variant::{unknown_variant, variants_between};
