//! What to do about objects in a table's folder that are no rows.

/// What a query does about an object in the table's folder that is not a row: one at another
/// depth, a folder marker, a name that no key is stored as.
///
/// Only objects that the query comes upon and that its filters do not rule out count; what a seek
/// passes by is not looked at. `verify` looks at all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnForeign {
    /// Leaves it out, counts it in the query's report and warns of it once.
    #[default]
    Skip,
    /// Makes it an error that names the object.
    Fail,
}
