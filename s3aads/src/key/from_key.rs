//! What a key can be made from.

use super::IntoColumn;

/// A key, made of something else: a reference to a row or to a key, a tuple of the columns, or for one column the column
/// itself. Generated code implements `From` by it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{K}` is not a key of this table",
    label = "not what `{Self}` is made from",
    note = "a key is a `{Self}`, a tuple of its columns in their order, or a reference to a key or to a row; `&str` can \
            stand for a `String`"
)]
pub trait FromKey<K> {
    fn from_key(key: K) -> Self;
}

/// The tuple of a key's columns, made of a tuple of what can stand for them.
///
/// It is the columns that implement it, not the values: of a trait that an argument itself lacks the compiler reports
/// `Into` in its place.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{V}` is not a key of this table",
    label = "expected {Self}, the key columns in their order",
    note = "`&str` can stand for a `String`; a key, or a reference to one or to a row, can stand for the tuple"
)]
pub trait FromValues<V> {
    fn from_values(values: V) -> Self;
}

/// Tuples of up to 16 columns: a path has at most 1,024 bytes, and few keys have more than five.
macro_rules! tuples {
    ($(($($value:ident $column:ident $at:tt),+);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($value, $column),+> FromValues<($($value,)+)> for ($($column,)+)
        where
            $($value: IntoColumn<$column>,)+
        {
            fn from_values(values: ($($value,)+)) -> Self {
                ($(values.$at.into_column(),)+)
            }
        }
    )*};
}

tuples! {
    (V0 C0 0);
    (V0 C0 0, V1 C1 1);
    (V0 C0 0, V1 C1 1, V2 C2 2);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7, V8 C8 8);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7, V8 C8 8, V9 C9 9);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7, V8 C8 8, V9 C9 9, V10 C10 10);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7, V8 C8 8, V9 C9 9, V10 C10 10, V11 C11 11);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7, V8 C8 8, V9 C9 9, V10 C10 10, V11 C11 11, V12 C12 12);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7, V8 C8 8, V9 C9 9, V10 C10 10, V11 C11 11, V12 C12 12, V13 C13 13);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7, V8 C8 8, V9 C9 9, V10 C10 10, V11 C11 11, V12 C12 12, V13 C13 13, V14 C14 14);
    (V0 C0 0, V1 C1 1, V2 C2 2, V3 C3 3, V4 C4 4, V5 C5 5, V6 C6 6, V7 C7 7, V8 C8 8, V9 C9 9, V10 C10 10, V11 C11 11, V12 C12 12, V13 C13 13, V14 C14 14, V15 C15 15);
}
