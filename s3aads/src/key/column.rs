//! The types that can be key columns.

use std::fmt::{self, Debug, Write};
use std::hash::Hash;

pub use crate::schema::{ColumnType, Encoding};

/// Why a value has no text in its column's encoding, or a text no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError(String);

impl TextError {
    /// An error that says what is wrong with the value or text, in lower case.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TextError {}

/// A type that can be a key column.
///
/// Integers (`NonZero` ones too), `bool`, `char`, `String`, IP addresses, `SystemTime`, and with
/// their features dates, timestamps and UUIDs are key columns; `#[derive(KeyColumn)]` makes a newtype of one, or an enum without fields, into
/// another. Floating-point numbers are not: two spellings of one number would be two rows.
///
/// The texts of a column must be one for each value and be read back as that value: `decode`
/// refuses every text that `encode` does not write.
///
/// ```
/// use s3aads::{Encoding, KeyColumn};
///
/// let mut text = String::new();
/// 7u8.encode(Encoding::Width(2), &mut text)?;
/// assert_eq!(text, "07");
/// assert_eq!(u8::decode("07", Encoding::Width(2))?, 7);
/// assert!(u8::decode("7", Encoding::Width(2)).is_err());
/// # Ok::<(), s3aads::TextError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a key column",
    label = "not a key column type",
    note = "key columns are integers, `bool`, `char`, `String`, IP addresses, `SystemTime`, and with the features \
            `chrono`, `jiff` and `uuid` of s3aads dates, timestamps and UUIDs",
    note = "add `#[derive(KeyColumn)]` to a type of your own: a newtype of one of these, or an enum without \
            fields; put another crate's type into such a newtype, as its text or number"
)]
#[cfg_attr(
    not(feature = "uuid"),
    diagnostic::on_unimplemented(
        note = "the feature `uuid` is off: `s3aads = {{ features = [\"uuid\"], .. }}` switches it on"
    )
)]
#[cfg_attr(
    not(feature = "chrono"),
    diagnostic::on_unimplemented(
        note = "the feature `chrono` is off: `s3aads = {{ features = [\"chrono\"], .. }}` switches it on"
    )
)]
#[cfg_attr(
    not(feature = "jiff"),
    diagnostic::on_unimplemented(
        note = "the feature `jiff` is off: `s3aads = {{ features = [\"jiff\"], .. }}` switches it on"
    )
)]
pub trait KeyColumn: Clone + Ord + Hash + Debug + Send + Sync + 'static {
    /// Which of `width`, `ordered` and `descending` apply: [`UnsignedForm`](crate::UnsignedForm),
    /// [`SignedForm`](crate::SignedForm), [`SortedForm`](crate::SortedForm) or
    /// [`AddressForm`](crate::AddressForm); [`StringForm`](crate::StringForm) if `starts_with` does,
    /// and [`TextForm`](crate::TextForm) if nothing does.
    type Form;

    /// What the schema calls the type.
    const TYPE: ColumnType;

    /// Appends the value's text.
    ///
    /// # Errors
    ///
    /// If the value has no text in this encoding.
    fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError>;

    /// The value whose text this is.
    ///
    /// # Errors
    ///
    /// If no value has this text in this encoding.
    fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError>;

    /// Whether the byte order of the texts is the order of the values, or in
    /// [`Encoding::Descending`] its opposite, so that a range of values is a range of the listing.
    fn is_ordered(encoding: Encoding) -> bool {
        let _ = encoding;
        false
    }

    /// The values from `low` to `high`, both included, if they are at most `most` and can be
    /// told one by one: a short range of integers is listed value by value if its texts are
    /// not in order.
    fn enumerate(low: &Self, high: &Self, most: usize) -> Option<Vec<Self>> {
        let _ = (low, high, most);
        None
    }

    /// Whether `Ord` may be any order, so that a range can only be tested key by key.
    #[doc(hidden)]
    const HAS_OWN_ORDER: bool = false;
}

/// What stands for a key column's value in a tuple of columns: the value, a reference to it, and
/// `&str` for `String`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't stand for a key column of type `{T}`",
    label = "expected `{T}`"
)]
pub trait IntoColumn<T> {
    /// The value.
    fn into_column(self) -> T;
}

#[diagnostic::do_not_recommend]
impl<T> IntoColumn<T> for T {
    fn into_column(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone> IntoColumn<T> for &T {
    fn into_column(self) -> T {
        self.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoColumn<T> for &&T {
    fn into_column(self) -> T {
        (*self).clone()
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumn<String> for &&str {
    fn into_column(self) -> String {
        (*self).to_owned()
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumn<String> for &str {
    fn into_column(self) -> String {
        self.to_owned()
    }
}

/// The text of a value, for messages; falls back to the plain text if there is none.
pub(crate) fn display<T: KeyColumn>(value: &T, encoding: Encoding) -> String {
    let mut text = String::new();
    if value.encode(encoding, &mut text).is_err() {
        text.clear();
        if value.encode(Encoding::Plain, &mut text).is_err() {
            text.clear();
            // Writing to a `String` does not fail.
            let _ = write!(text, "{value:?}");
        }
    }
    text
}
