//! Reads a derive's input into the model.

mod attr;
mod column_type;
mod row;
mod serde;

pub(crate) use column_type::column_type;
pub(crate) use row::row;
