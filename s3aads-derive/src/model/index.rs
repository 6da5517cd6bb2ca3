//! What a table's rows are found by besides their key.

use proc_macro2::Span;
use syn::{GenericArgument, Ident, PathArguments, Type};

use super::{Field, Row, Spanned, ungrouped};

/// An index of the struct, `index(name, columns = "a, b")`.
pub(crate) struct Index {
    pub(crate) name: Ident,
    pub(crate) columns: Vec<Spanned<String>>,
}

impl Row {
    /// The fields of the body that an index has, in field order.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = &Field> {
        self.others().filter(|field| self.is_indexed(field))
    }

    /// Whether an index has this field.
    pub(crate) fn is_indexed(&self, field: &Field) -> bool {
        let name = field.name();
        let mut columns = self.indexes.iter().flat_map(|index| &index.columns);
        !field.is_key()
            && (field.settings.index.is_some() || columns.any(|column| column.value == name))
    }

    /// The names of the indexes and of their columns: those of fields first.
    pub(crate) fn indexes(&self) -> Vec<(String, Vec<String>)> {
        let own = self.others().filter(|field| field.settings.index.is_some());
        let own = own.map(|field| (field.name(), vec![field.name()]));
        let others = self.indexes.iter().map(|index| {
            let columns = index.columns.iter().map(|column| column.value.clone());
            (index.name.to_string(), columns.collect())
        });
        own.chain(others).collect()
    }

    /// Where an index is asked for first.
    pub(crate) fn index_span(&self) -> Option<Span> {
        let own = self.fields.iter().find_map(|field| field.settings.index);
        own.or_else(|| self.indexes.first().map(|index| index.name.span()))
    }
}

impl Field {
    /// The type of the values that an index has, and whether a row may have none.
    pub(crate) fn value_type(&self) -> (&Type, bool) {
        match option_of(&self.ty) {
            Some(inner) if !self.is_key() => (inner, true),
            _ => (&self.ty, false),
        }
    }
}

fn option_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ungrouped(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(inner) = &last.arguments else {
        return None;
    };
    match inner.args.first() {
        Some(GenericArgument::Type(ty)) if last.ident == "Option" && inner.args.len() == 1 => {
            Some(ty)
        }
        _ => None,
    }
}
