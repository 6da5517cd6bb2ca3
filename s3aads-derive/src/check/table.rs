//! The table's name.

use crate::errors::Errors;
use crate::model::Row;

/// Tables of the library's own, such as `_s3aads`, begin with this.
const RESERVED: &str = "_s3aads";

pub(crate) fn check(row: &Row, errors: &mut Errors) {
    let name = &*row.table.value;
    let why = if name.is_empty() {
        "it is empty"
    } else if name == "." || name == ".." {
        "a folder can't be called that"
    } else if name.contains('/') {
        "a table is one folder, and `/` would make it several"
    } else if name.chars().any(char::is_control) {
        "it has a control character"
    } else if name.starts_with(RESERVED) {
        "names that begin with `_s3aads` are kept for the library's own tables"
    } else {
        return;
    };
    errors.push(
        row.table.span,
        format!("{name:?} can't be a table's name: {why}; choose another `table = \"...\"`"),
    );
}
