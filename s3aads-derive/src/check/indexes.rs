//! The indexes: what can have one, and their columns and names.

use std::collections::HashSet;

use proc_macro2::Span;

use crate::errors::{Errors, list};
use crate::model::{Field, Index, Row};

/// Settings by which serde leaves a field out of a body, or spreads it over several of its fields.
const NOT_STORED: [&str; 4] = ["skip", "skip_serializing", "skip_deserializing", "flatten"];

pub(crate) fn check(row: &Row, errors: &mut Errors) {
    let Some(first) = row.index_span() else {
        return;
    };
    if row.packed() > 0 {
        errors.push(
            first,
            "a packed table can't have an index: its rows share objects; pack no column, or remove \
             the index",
        );
        return;
    }
    let whole = row.others().find_map(whole_body);
    if let Some((field, flag)) = whole {
        errors.push(
            first,
            format!(
                "an index can't apply: `{}` is `{flag}`, that is, the whole body, and a row's place in \
                 an index stands beside its fields; remove `{flag}` to store them as one JSON object",
                field.ident
            ),
        );
        return;
    }
    for field in &row.fields {
        own(field, errors);
    }
    for index in &row.indexes {
        columns(row, index, errors);
    }
    names(row, errors);
}

fn whole_body(field: &Field) -> Option<(&Field, &'static str)> {
    let settings = &field.settings;
    let flags = [
        ("data", settings.data),
        ("bytes", settings.bytes),
        ("text", settings.text),
    ];
    let mut marked = flags.into_iter().filter(|(_, at)| at.is_some());
    marked.next().map(|(flag, _)| (field, flag))
}

/// `index` on a field.
fn own(field: &Field, errors: &mut Errors) {
    let Some(at) = field.settings.index else {
        return;
    };
    if field.is_key() {
        errors.push(
            at,
            format!(
                "`{}` is a key column, by which rows are found already; for another order of the key \
                 columns write `index(by_{}, columns = \"{}, ..\")` above the struct",
                field.ident,
                field.name(),
                field.name()
            ),
        );
    } else {
        stored(field, at, errors);
    }
}

/// The value is that of one field of the body.
fn stored(field: &Field, at: Span, errors: &mut Errors) {
    let mut settings = field.serde.iter().map(|setting| setting.name.as_str());
    if let Some(serde) = settings.find(|name| NOT_STORED.contains(name)) {
        errors.push(
            at,
            format!(
                "`{}` can't be indexed: by serde's `{serde}` it is not stored as a field of the body; \
                 remove one of them",
                field.ident
            ),
        );
    }
}

/// The columns of an index of the struct.
fn columns(row: &Row, index: &Index, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for column in &index.columns {
        let name = &*column.value;
        if !seen.insert(name) {
            errors.push(
                column.span,
                format!(
                    "the index `{}` has the column {name:?} twice; remove one",
                    index.name
                ),
            );
            continue;
        }
        match row.fields.iter().find(|field| field.name() == name) {
            Some(field) if field.is_key() => {}
            Some(field) => stored(field, column.span, errors),
            None => {
                let fields: Vec<_> = row
                    .fields
                    .iter()
                    .map(|f| format!("`{}`", f.ident))
                    .collect();
                errors.push(
                    column.span,
                    format!(
                        "`{}` has no field {name:?} for the index `{}`; it has {}",
                        row.ident,
                        index.name,
                        list(&fields, "and")
                    ),
                );
            }
        }
    }
    let keys: Vec<String> = row.columns().map(Field::name).collect();
    let names: Vec<&str> = index.columns.iter().map(|column| &*column.value).collect();
    if keys
        .iter()
        .map(String::as_str)
        .zip(&names)
        .all(|(key, name)| key == *name)
        && names.len() <= keys.len()
    {
        errors.push(
            index.name.span(),
            format!(
                "the index `{}` is the order that the key has already; remove it",
                index.name
            ),
        );
    }
}

/// Each index has a folder of its own.
fn names(row: &Row, errors: &mut Errors) {
    let own = row.others().filter(|field| field.settings.index.is_some());
    let mut taken: HashSet<String> = own.map(Field::name).collect();
    for index in &row.indexes {
        if !taken.insert(index.name.to_string()) {
            errors.push(
                index.name.span(),
                format!(
                    "there are two indexes `{}`; give one of them another name",
                    index.name
                ),
            );
        }
    }
}
