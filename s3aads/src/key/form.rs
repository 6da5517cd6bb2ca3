//! Which types have a zero-padded or an order-preserving form: checked by the compiler.

/// The form of unsigned integers: they can be padded (`width`) and put in order (`ordered`).
#[derive(Debug, Clone, Copy)]
pub enum UnsignedForm {}

/// The form of signed integers: they can be padded (`width`) and, outside of the hive layout, put
/// in order (`ordered`).
#[derive(Debug, Clone, Copy)]
pub enum SignedForm {}

/// The form of strings: `starts_with` is the start of their texts.
#[derive(Debug, Clone, Copy)]
pub enum StringForm {}

/// The form of everything else: one text for each value.
#[derive(Debug, Clone, Copy)]
pub enum TextForm {}

/// The form of dates, timestamps and UUIDs: one text for each value, in order as it is, or in the
/// opposite order (`descending`).
#[derive(Debug, Clone, Copy)]
pub enum SortedForm {}

/// The form of IP addresses: they can be put in order (`ordered`).
#[derive(Debug, Clone, Copy)]
pub enum AddressForm {}

/// Forms that `#[s3(key, width = N)]` applies to.
#[diagnostic::on_unimplemented(
    message = "`width` needs an integer key column",
    label = "this column's type has no zero-padded form",
    note = "remove `width = N`, or make the column an integer or a newtype of one"
)]
pub trait HasWidth {}

/// Forms that `#[s3(key, ordered)]` applies to.
#[diagnostic::on_unimplemented(
    message = "`ordered` needs a key column of integers or IP addresses",
    label = "this column's type has no separate ordered form",
    note = "dates, timestamps, UUIDs and `bool` are stored in order as they are; \
            strings and enums have no ordered form"
)]
pub trait HasOrdered {}

/// Forms that `#[s3(key, descending)]` applies to.
#[diagnostic::on_unimplemented(
    message = "`descending` needs a key column of integers, dates, timestamps or UUIDs",
    label = "this column's type has no descending form",
    note = "remove `descending`; a query's rows can be reversed once they are read"
)]
pub trait HasDescending {}

/// Forms whose ordered text is read as the value by engines that read the hive layout.
#[diagnostic::on_unimplemented(
    message = "`ordered` needs an unsigned integer in the hive layout",
    label = "engines would read this column's ordered form as other numbers",
    note = "a negative integer is stored in order as another one's text (-5 as -9999999995); remove \
            `ordered`, make the column unsigned, or use the plain layout"
)]
pub trait HasHiveOrdered {}

impl HasWidth for UnsignedForm {}
impl HasWidth for SignedForm {}
impl HasOrdered for UnsignedForm {}
impl HasOrdered for SignedForm {}
impl HasHiveOrdered for UnsignedForm {}
impl HasHiveOrdered for AddressForm {}
// `ordered` on these is refused already.
impl HasHiveOrdered for StringForm {}
impl HasHiveOrdered for TextForm {}
impl HasHiveOrdered for SortedForm {}
impl HasOrdered for AddressForm {}
impl HasDescending for UnsignedForm {}
impl HasDescending for SignedForm {}
impl HasDescending for SortedForm {}
