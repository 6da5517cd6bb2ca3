//! The fields that are stored in the body, and what serde is told about them.

use syn::spanned::Spanned as _;

use crate::errors::{Errors, list};
use crate::model::{Field, Row};

/// Settings by which serde turns a struct as a whole into another value. A row's key columns are
/// not in its body, so there is no such whole.
const OF_WHOLE_STRUCTS: [&str; 5] = ["from", "try_from", "into", "remote", "transparent"];

pub(crate) fn check(row: &Row, errors: &mut Errors) {
    for setting in &row.serde {
        let name = &*setting.name;
        if OF_WHOLE_STRUCTS.contains(&name) {
            errors.push(
                setting.meta.span(),
                format!(
                    "serde's `{name}` can't apply to a table's row: the key columns are stored in \
                     the path and not in the body; convert a field by `#[serde(with = \"...\")]`"
                ),
            );
        }
    }
    let marked: Vec<_> = row.others().filter_map(mark).collect();
    for field in row.others() {
        several_marks(field, errors);
    }
    let Some((first, flag, _)) = marked.first() else {
        return;
    };
    for (field, other, at) in marked.iter().skip(1) {
        errors.push(
            *at,
            format!(
                "`{}` can't be `{other}`: `{}` is `{flag}`, that is, the whole body; remove both to \
                 store them as one JSON object",
                field.ident, first.ident
            ),
        );
    }
    for field in row.others() {
        if mark(field).is_none() && !field.settings.is_damaged {
            errors.push(
                field.ident.span(),
                format!(
                    "`{}` would not be stored: `{}` is `{flag}`, that is, the whole body; make \
                     `{}` a key column, or remove `{flag}` to store both as one JSON object",
                    field.ident, first.ident, field.ident
                ),
            );
        }
    }
}

/// The flag that makes a field the whole body.
fn mark(field: &Field) -> Option<(&Field, &'static str, proc_macro2::Span)> {
    let settings = &field.settings;
    let (flag, at) = [
        ("data", settings.data),
        ("bytes", settings.bytes),
        ("text", settings.text),
    ]
    .into_iter()
    .find_map(|(flag, at)| at.map(|at| (flag, at)))?;
    Some((field, flag, at))
}

fn several_marks(field: &Field, errors: &mut Errors) {
    let settings = &field.settings;
    let marks: Vec<_> = [
        ("data", settings.data),
        ("bytes", settings.bytes),
        ("text", settings.text),
    ]
    .into_iter()
    .filter_map(|(flag, at)| at.map(|at| (format!("`{flag}`"), at)))
    .collect();
    if let [_, (_, at), ..] = &*marks {
        let flags: Vec<_> = marks.iter().map(|(flag, _)| flag.clone()).collect();
        errors.push(
            *at,
            format!(
                "`{}` can't be {} at once: a body has one format; keep one of them",
                field.ident,
                list(&flags, "and")
            ),
        );
    }
}
