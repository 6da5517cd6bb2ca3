//! Which types have a zero-padded or an order-preserving form: checked by the compiler.

/// The form of integers: they can be padded (`width`) and put in order (`ordered`).
#[derive(Debug, Clone, Copy)]
pub enum IntegerForm {}

/// The form of everything else: one text for each value.
#[derive(Debug, Clone, Copy)]
pub enum TextForm {}

/// Forms that `#[s3(key, width = N)]` applies to.
#[diagnostic::on_unimplemented(
    message = "`width` needs an integer key column",
    label = "this column's type has no zero-padded form",
    note = "remove `width = N`, or make the column an integer or a newtype of one"
)]
pub trait HasWidth {}

/// Forms that `#[s3(key, ordered)]` applies to.
#[diagnostic::on_unimplemented(
    message = "`ordered` needs an integer key column",
    label = "this column's type has no separate ordered form",
    note = "dates, timestamps, UUIDs and `bool` are stored in order as they are; \
            strings and enums have no ordered form"
)]
pub trait HasOrdered {}

impl HasWidth for IntegerForm {}
impl HasOrdered for IntegerForm {}
