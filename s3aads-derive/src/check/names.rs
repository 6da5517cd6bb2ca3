//! The names of what is generated: none may hide the runtime's or another.

use std::collections::{HashMap, HashSet};

use syn::ext::IdentExt;

use super::reserved::{RUNTIME_METHODS, TRAIT_METHODS};
use crate::errors::Errors;
use crate::model::{Field, Row};

pub(crate) fn check(row: &Row, errors: &mut Errors) {
    structs(row, errors);
    methods(row, errors);
}

fn structs(row: &Row, errors: &mut Errors) {
    let Some(handle) = &row.handle else {
        // The names are the struct's with an ending each, so that all five differ.
        return;
    };
    let taken = [
        (row.ident.unraw().to_string(), "the struct itself"),
        (row.key_name(), "the generated key"),
        (row.columns_name(), "the generated struct of columns"),
    ];
    for (generated, what) in [(row.handle_name(), "handle"), (row.query_name(), "query")] {
        if let Some((_, owner)) = taken.iter().find(|(name, _)| *name == generated) {
            errors.push(
                handle.span(),
                format!(
                    "the generated {what} would be called `{generated}`, as {owner} is; choose another \
                     `handle = \"...\"`"
                ),
            );
        }
    }
}

fn is_reserved(name: &str) -> bool {
    RUNTIME_METHODS.contains(&name) || TRAIT_METHODS.contains(&name)
}

fn methods(row: &Row, errors: &mut Errors) {
    let filters: HashMap<_, _> = row
        .columns()
        .chain(row.indexed())
        .map(|column| (column.filter_name(), column.name()))
        .collect();
    let mut plurals: HashMap<String, String> = HashMap::new();
    for column in row.columns().chain(row.indexed()) {
        let name = column.plural_name();
        let owner = if is_reserved(&name) {
            "tables and queries have already".to_owned()
        } else if let Some(other) = filters.get(&name) {
            format!("is generated for the column `{other}` too")
        } else if let Some(other) = plurals.get(&name) {
            format!("is generated for the column `{other}` too")
        } else {
            plurals.insert(name, column.name());
            continue;
        };
        errors.push(
            column.plural_span(),
            format!(
                "the column `{}` would get the method `{name}`, which {owner}; name it by \
                 `plural = \"...\"`",
                column.name()
            ),
        );
    }
}

/// The plural methods that can be generated without hiding anything, for the stub of a row that
/// has others too.
pub(crate) fn free_methods(row: &Row) -> HashSet<String> {
    let filters: HashSet<_> = row
        .columns()
        .chain(row.indexed())
        .map(Field::filter_name)
        .collect();
    row.columns()
        .chain(row.indexed())
        .map(Field::plural_name)
        .filter(|name| !is_reserved(name) && !filters.contains(name))
        .collect()
}
