//! The rules that a table and a key column's type have to keep.
//!
//! What only the compiler knows, such as whether a type is a key column, is asserted in the
//! generated code instead.

mod body;
mod column_type;
mod columns;
mod indexes;
mod names;
mod packing;
mod reserved;
mod table;

pub(crate) use column_type::column_type;
pub(crate) use columns::unfit_type;
pub(crate) use names::free_methods;

use crate::errors::Errors;
use crate::model::Row;

/// Reports every rule that a row breaks.
pub(crate) fn row(row: &Row, errors: &mut Errors) {
    table::check(row, errors);
    columns::check(row, errors);
    packing::check(row, errors);
    indexes::check(row, errors);
    body::check(row, errors);
    names::check(row, errors);
}

#[cfg(test)]
mod tests;
