//! The key columns: that there are some, their settings, types and stored names.

use std::collections::HashMap;

use quote::ToTokens as _;
use syn::Type;

use crate::errors::Errors;
use crate::model::{Field, Layout, Row, ungrouped};

pub(crate) fn check(row: &Row, errors: &mut Errors) {
    let is_damaged = row.fields.iter().any(|field| field.settings.is_damaged);
    if row.is_struct && !is_damaged && row.columns().next().is_none() {
        errors.push(
            row.ident.span(),
            format!(
                "`{}` has no key column: put `#[s3(key)]` above each field that tells its rows apart",
                row.ident
            ),
        );
    }
    for field in &row.fields {
        settings(row, field, errors);
    }
    for field in row.indexed() {
        column_type(field, errors);
    }
    for column in row.columns() {
        column_type(column, errors);
        stored_name(column, row.layout, errors);
    }
    repeated_names(row, errors);
}

fn settings(row: &Row, field: &Field, errors: &mut Errors) {
    let settings = &field.settings;
    let name = &field.ident;
    if field.is_key() || row.is_indexed(field) {
        if let (Some(width), Some(ordered)) = (&settings.width, settings.ordered) {
            errors.push(
                ordered,
                format!(
                    "`ordered` and `width` contradict each other: `ordered` has a width of its own; \
                     remove one (`width = {}` sorts unsigned integers too)",
                    width.value
                ),
            );
        }
        if let (Some(_), Some(descending)) = (&settings.width, settings.descending) {
            errors.push(
                descending,
                "`descending` and `width` contradict each other: `descending` has a width of its \
                 own; remove one",
            );
        }
        if let (Layout::Hive, Some(descending)) = (row.layout, settings.descending) {
            errors.push(
                descending,
                "`descending` can't apply in the hive layout: engines would read what is stored, \
                 each value's complement, as the value; remove it, or use the plain layout",
            );
        }
    }
    if field.is_key() {
        for (flag, at) in [
            ("data", settings.data),
            ("bytes", settings.bytes),
            ("text", settings.text),
        ] {
            if let Some(at) = at {
                errors.push(
                    at,
                    format!(
                        "`{name}` can't be both `key` and `{flag}`: key columns are stored in the \
                         path, not in the body; remove one"
                    ),
                );
            }
        }
        return;
    }
    if settings.is_damaged {
        return;
    }
    let of_keys = [
        ("width", settings.width.as_ref().map(|width| width.span)),
        ("ordered", settings.ordered),
        ("descending", settings.descending),
        ("packed", settings.packed),
        ("rename", settings.rename.as_ref().map(|rename| rename.span)),
        (
            "plural",
            settings.plural.as_ref().map(|plural| plural.span()),
        ),
    ];
    for (setting, at) in of_keys {
        let of_columns = !matches!(setting, "packed" | "rename");
        if let Some(at) = at.filter(|_| !(of_columns && row.is_indexed(field))) {
            let instead = match setting {
                "rename" => "; for a field of the body write `#[serde(rename = \"...\")]`",
                "packed" => "; fields of the body stand in a pack's lines in any case",
                _ => "",
            };
            errors.push(
                at,
                format!(
                    "`{setting}` is for key columns, and `{name}` is none: add `key` or remove \
                     `{setting}`{instead}"
                ),
            );
        }
    }
}

/// Why a type can't be a key column, for those where the compiler could say less; the others are
/// asserted to be `KeyColumn`s in the generated code.
pub(crate) fn unfit_type(ty: &Type) -> Option<&'static str> {
    match ungrouped(ty) {
        Type::Path(path) if path.qself.is_none() => match &*path.path.get_ident()?.to_string() {
            "f32" | "f64" => Some(
                "two texts can stand for one floating-point number, and would be two rows; use an \
                 integer, such as a number of cents, or a `String`",
            ),
            "usize" | "isize" => Some(
                "it is not the same on every machine, and the stored form has to be; use `u64` or \
                 `i64`",
            ),
            _ => None,
        },
        Type::Reference(_) => {
            Some("a row owns its key; use an owned type, such as `String` for `&str`")
        }
        _ => None,
    }
}

fn column_type(column: &Field, errors: &mut Errors) {
    let (ty, _) = column.value_type();
    if let Some(why) = unfit_type(ty) {
        let ty = ungrouped(ty);
        let text = ty.to_token_stream().to_string();
        let what = if column.is_key() {
            "a key column"
        } else {
            "an index's column"
        };
        errors.push_over(
            ty,
            format!("`{}` can't be {what}: {why}", text.replace("& ", "&")),
        );
    }
}

/// What Hive escapes in a folder's name; not every engine undoes that in a column's name.
const HIVE_ESCAPES: &[char] = &[
    '"', '#', '%', '\'', '*', '/', ':', '=', '?', '\\', '{', '[', ']', '^',
];

fn stored_name(column: &Field, layout: Layout, errors: &mut Errors) {
    let name = column.stored_name();
    let hive = layout == Layout::Hive;
    let why = if name.is_empty() {
        "it is empty"
    } else if name.chars().any(|c| c.is_ascii_control()) {
        "it has a control character"
    } else if hive && name.contains(HIVE_ESCAPES) {
        "in the hive layout it would be escaped, and not every engine reads that back"
    } else if hive && name.starts_with(['_', '.']) {
        "in the hive layout engines pass over folders that begin with `_` or `.`"
    } else {
        return;
    };
    errors.push(
        column.stored_name_span(),
        format!(
            "{name:?} can't be a column's stored name: {why}; choose another `rename = \"...\"`"
        ),
    );
}

fn repeated_names(row: &Row, errors: &mut Errors) {
    let hive = row.layout == Layout::Hive;
    // Engines do not tell names apart by their case.
    let folded = |name: String| if hive { name.to_lowercase() } else { name };
    let mut first_of: HashMap<String, String> = HashMap::new();
    for column in row.columns() {
        let name = column.stored_name();
        if let Some(first) = first_of.get(&folded(name.clone())) {
            let case = if first_name(row, first) == name {
                ""
            } else {
                ", in which engines of the hive layout see no difference"
            };
            errors.push(
                column.stored_name_span(),
                format!(
                    "the columns `{first}` and `{}` are both stored as {name:?}{case}; give one of \
                     them another `rename = \"...\"`",
                    column.name()
                ),
            );
        } else {
            first_of.insert(folded(name), column.name());
        }
    }
    if !hive {
        for field in row.indexed() {
            if let Some(column) = first_of.get(&field.name()) {
                errors.push(
                    field.ident.span(),
                    format!(
                        "the column `{column}` is stored as {:?}, as the field of an index is; give the \
                         column another `rename = \"...\"`",
                        field.name()
                    ),
                );
            }
        }
    }
    if !hive && row.packed() == 0 {
        return;
    }
    let taken_for = if hive {
        "engines of the hive layout take for"
    } else {
        "in a pack's line is that of"
    };
    for field in row.others() {
        let Some(name) = row.body_name(field) else {
            continue;
        };
        if let Some(column) = first_of.get(&folded(name.clone())) {
            errors.push(
                field.ident.span(),
                format!(
                    "the field `{}` is stored as {name:?}, which {taken_for} the column `{column}`; \
                     give it another `#[serde(rename = \"...\")]`",
                    field.name()
                ),
            );
        }
    }
}

/// The stored name of the column of this name.
fn first_name(row: &Row, column: &str) -> String {
    let mut columns = row.columns();
    let first = columns.find(|field| field.name() == column);
    first.map(Field::stored_name).unwrap_or_default()
}
