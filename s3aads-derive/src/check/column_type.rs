//! The rules of `#[derive(KeyColumn)]`.

use std::collections::HashMap;

use crate::errors::Errors;
use crate::model::{ColumnType, Shape};

/// Reports every rule that a key column's type breaks.
pub(crate) fn column_type(column: &ColumnType, errors: &mut Errors) {
    let Shape::Enum(variants) = &column.shape else {
        return;
    };
    if variants.is_empty() {
        errors.push(
            column.ident.span(),
            format!(
                "`{}` has no variants, so that a column of it has no values",
                column.ident
            ),
        );
    }
    let mut first_of: HashMap<&str, String> = HashMap::new();
    for variant in variants {
        let name = &*variant.stored_name.value;
        if let Some(first) = first_of.get(name) {
            errors.push(
                variant.stored_name.span,
                format!(
                    "the variants `{first}` and `{}` are both stored as {name:?}; give one of \
                     them another `#[s3(rename = \"...\")]`",
                    variant.ident
                ),
            );
        } else {
            first_of.insert(name, variant.ident.to_string());
        }
    }
}
