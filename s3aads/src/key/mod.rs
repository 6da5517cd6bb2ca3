//! Keys: the columns that make a row's path, and the text that stands for them.
//!
//! Three forms, from the inside out: a column's *value* (`7u8`), its *text* by the column's
//! encoding (`07`), and its *segment* of the path: the text, percent-encoded as `segment` says, or
//! in the hive layout `<column>=` and the text as `hive` says. A key's path is its segments joined
//! by `/`.

mod column;
mod columns;
mod descending;
mod field;
mod filter;
mod form;
mod from_key;
mod hive;
mod int;
mod ip;
mod path;
pub(crate) mod plain;
mod segment;
mod serde;
mod sorted_text;
mod stored;
mod system_time;
mod text;
mod variant;

mod calendar;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "uuid")]
mod uuid;

#[cfg(test)]
mod tests;

pub use self::serde::{deserialize_key, serialize_key};
pub(crate) use column::display;
pub use column::{ColumnType, Encoding, IntoColumn, KeyColumn, TextError};
pub use columns::{IntoColumns, KeyColumns};
pub use field::FieldWriter;
pub(crate) use filter::FilterKind;
pub use filter::{Filter, IntoFilter, StartsWith, any_of, starts_with};
pub use form::{
    AddressForm, HasDescending, HasHiveOrdered, HasOrdered, HasWidth, SignedForm, SortedForm,
    StringForm, TextForm, UnsignedForm,
};
pub use from_key::{FromKey, FromValues};
pub use path::{KeyReader, KeyWriter, TableKey, parse_key, show_key};
pub(crate) use path::{
    MAX_PATH_BYTES, check_length, label, push_segment, read_key, read_texts, segment_text,
    write_key,
};
pub(crate) use segment::{decode_segment, decode_text, encode_segment, encode_start, encode_text};
pub(crate) use sorted_text::SortedText;
pub use variant::{unknown_variant, variants_between, wrapped};
