//! Some of a key's columns, as a tuple.

use super::column::{IntoColumn, KeyColumn};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::ColumnSchema;

/// A tuple of key columns' values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tuple of key columns",
    label = "expected a tuple of up to eight key columns"
)]
pub trait KeyColumns {
    /// The values' texts.
    #[doc(hidden)]
    fn texts(&self, columns: &[ColumnSchema]) -> Result<Vec<String>>;
}

/// What stands for a tuple of key columns: a tuple of what stands for each of them, or for one column
/// what stands for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't stand for the key columns `{C}`",
    label = "expected `{C}`, or the value itself if it is one column",
    note = "`&str` can stand for a `String`"
)]
pub trait IntoColumns<C> {
    /// The tuple.
    fn into_columns(self) -> C;
}

impl KeyColumns for () {
    fn texts(&self, _: &[ColumnSchema]) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

#[diagnostic::do_not_recommend]
impl IntoColumns<()> for () {
    fn into_columns(self) {}
}

#[diagnostic::do_not_recommend]
impl<K: IntoColumn<A>, A> IntoColumns<(A,)> for K {
    fn into_columns(self) -> (A,) {
        (self.into_column(),)
    }
}

fn text<T: KeyColumn>(value: &T, column: Option<&ColumnSchema>) -> Result<String> {
    let mut text = String::new();
    let encoding = column.map(ColumnSchema::encoding).unwrap_or_default();
    value.encode(encoding, &mut text).map_err(|why| {
        let error = Error::new(ErrorKind::InvalidKey, why.to_string());
        error.in_column(column.map_or("", ColumnSchema::name))
    })?;
    Ok(text)
}

macro_rules! tuples {
    ($(($($from:ident $column:ident $at:tt),+);)*) => {$(
        impl<$($column: KeyColumn),+> KeyColumns for ($($column,)+) {
            fn texts(&self, columns: &[ColumnSchema]) -> Result<Vec<String>> {
                Ok(vec![$(text(&self.$at, columns.get($at))?),+])
            }
        }
    )*};
}

macro_rules! several {
    ($(($($from:ident $column:ident $at:tt),+);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($from: IntoColumn<$column>, $column),+> IntoColumns<($($column,)+)> for ($($from,)+) {
            fn into_columns(self) -> ($($column,)+) {
                ($(self.$at.into_column(),)+)
            }
        }
    )*};
}

tuples! {
    (A0 C0 0);
    (A0 C0 0, A1 C1 1);
    (A0 C0 0, A1 C1 1, A2 C2 2);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7);
}

several! {
    (A0 C0 0, A1 C1 1);
    (A0 C0 0, A1 C1 1, A2 C2 2);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7);
}
