//! What the attributes say, before and after it is checked.

mod column_type;
mod index;
mod naming;
mod row;

pub(crate) use column_type::{ColumnType, Shape, Variant};
pub(crate) use index::Index;
pub(crate) use naming::snake_case;
pub(crate) use row::{
    Body, Compression, Encoding, Field, FieldSettings, Layout, Row, SerdeSetting, ungrouped,
};

use proc_macro2::Span;

/// A value and the token that gave it.
#[derive(Debug, Clone)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}
