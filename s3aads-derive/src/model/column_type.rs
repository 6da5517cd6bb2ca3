//! A type that is made a key column.

use syn::{Ident, Path, Type};

use super::Spanned;

/// A newtype or an enum without fields.
pub(crate) struct ColumnType {
    pub(crate) ident: Ident,
    /// The path of the runtime crate.
    pub(crate) runtime: Path,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    /// A tuple struct of one field, of this type, and whether it takes the field's order.
    Newtype {
        ty: Box<Type>,
        ord: bool,
    },
    Enum(Vec<Variant>),
    /// Something that can't be one; there is an error that says so.
    Unsupported,
}

/// A variant and its stored name, spanned on the variant's where it comes from that.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) stored_name: Spanned<String>,
}
