//! What a key can be made from.

use super::IntoColumn;

/// A key whose columns are the tuple `C`, made of something else: a reference to a row or to a key,
/// a tuple of the columns, or for one column the column itself. Generated code implements `From`
/// by it.
///
/// `C` goes with the key; it is a parameter so that the compiler's message can show it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{K}` is not a key of this table",
    label = "expected {C}, the columns of `{Self}` in their order",
    note = "`&str` can stand for a `String`; a `{Self}`, or a reference to one or to a row, is a key too"
)]
pub trait FromKey<K, C> {
    fn from_key(key: K) -> Self;
}

/// The key whose columns are the tuple `C`.
#[doc(hidden)]
pub trait FromColumns<C> {
    fn from_columns(columns: C) -> Self;
}

/// A key of one string, whatever name its type goes by where the row is declared.
#[diagnostic::do_not_recommend]
impl<Key: FromColumns<(String,)>> FromKey<&str, (String,)> for Key {
    fn from_key(key: &str) -> Self {
        Self::from_columns((key.to_owned(),))
    }
}

/// Tuples of up to 16 columns: a path has at most 1,024 bytes, and few keys have more than five.
macro_rules! tuples {
    ($(($($from:ident $column:ident $at:tt),+);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<Key, $($from, $column),+> FromKey<($($from,)+), ($($column,)+)> for Key
        where
            Key: FromColumns<($($column,)+)>,
            $($from: IntoColumn<$column>,)+
        {
            fn from_key(columns: ($($from,)+)) -> Self {
                Self::from_columns(($(columns.$at.into_column(),)+))
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
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7, A8 C8 8);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7, A8 C8 8, A9 C9 9);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7, A8 C8 8, A9 C9 9, A10 C10 10);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7, A8 C8 8, A9 C9 9, A10 C10 10, A11 C11 11);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7, A8 C8 8, A9 C9 9, A10 C10 10, A11 C11 11, A12 C12 12);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7, A8 C8 8, A9 C9 9, A10 C10 10, A11 C11 11, A12 C12 12, A13 C13 13);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7, A8 C8 8, A9 C9 9, A10 C10 10, A11 C11 11, A12 C12 12, A13 C13 13, A14 C14 14);
    (A0 C0 0, A1 C1 1, A2 C2 2, A3 C3 3, A4 C4 4, A5 C5 5, A6 C6 6, A7 C7 7, A8 C8 8, A9 C9 9, A10 C10 10, A11 C11 11, A12 C12 12, A13 C13 13, A14 C14 14, A15 C15 15);
}
