//! Packed key columns, and what a row of a pack can't have.

use crate::errors::Errors;
use crate::model::{Field, Row};

pub(crate) fn check(row: &Row, errors: &mut Errors) {
    if let Some(compress) = row.compress.as_ref().filter(|_| row.packed() == 0) {
        errors.push(
            compress.span,
            "`compress` is for packs, and no key column is `packed`: pack the last ones by \
             `#[s3(key, packed)]`, or remove `compress`",
        );
    }
    if row.packed() == 0 {
        return;
    }
    order(row, errors);
    for column in row.columns() {
        encodings(column, errors);
    }
    for field in row.others() {
        if let Some(bytes) = field.settings.bytes {
            errors.push(
                bytes,
                "`bytes` can't apply in a packed table: a row is a line of JSON, not an object of its \
                 own; store the bytes in a table that is not packed, or as a text",
            );
        }
    }
}

/// A pack holds all rows that share the columns before the packed ones.
fn order(row: &Row, errors: &mut Errors) {
    let columns: Vec<&Field> = row.columns().collect();
    for (i, column) in columns.iter().enumerate() {
        let later = columns.iter().skip(i + 1).find(|later| !later.is_packed());
        if let (Some(packed), Some(later)) = (column.settings.packed, later) {
            errors.push(
                packed,
                format!(
                    "`{}` can't be packed before `{}`, which is not: packed columns are the last key \
                     columns; pack `{}` too, or remove `packed`",
                    column.name(),
                    later.name(),
                    later.name()
                ),
            );
        }
    }
}

fn encodings(column: &Field, errors: &mut Errors) {
    let settings = &column.settings;
    if settings.packed.is_none() {
        return;
    }
    let width = settings.width.as_ref().map(|width| width.span);
    for (setting, at) in [
        ("width", width),
        ("ordered", settings.ordered),
        ("descending", settings.descending),
    ] {
        if let Some(at) = at {
            errors.push(
                at,
                format!(
                    "`{setting}` can't apply to the packed column `{}`: in a pack values are JSON, in \
                     their own order; remove `{setting}` or `packed`",
                    column.name()
                ),
            );
        }
    }
}
