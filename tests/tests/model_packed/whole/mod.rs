//! All columns packed: the table is one object.

#[path = "../../model/answer.rs"]
mod answer;
#[path = "../../model/filters.rs"]
mod filters;
#[path = "../../model/names.rs"]
mod names;
#[path = "../../model/operation.rs"]
mod operation;
#[path = "../../model/reference.rs"]
mod reference;
mod rows;
#[allow(
    dead_code,
    reason = "not every table is held to the model on every store"
)]
#[path = "../../model/sequence.rs"]
pub(crate) mod sequence;
#[path = "../../model/subject.rs"]
mod subject;
#[path = "../../model/turned.rs"]
mod turned;
