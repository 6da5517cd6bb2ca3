//! Packs: objects that hold many rows, a line of JSON each.
//!
//! The rows of a packed table that have the same values in the key columns before the packed ones
//! share an object, `<segments>/rows.ndjson` (or `rows.ndjson.gz`) below the table. A line is one
//! JSON object of all key columns in key order and then the body's fields:
//!
//! ```json
//! {"location":"Seattle","year":2012,"month":7,"day":1,"temp_max":34.4}
//! ```
//!
//! - Integers of up to 64 bits are numbers, `bool` is itself, every other key column is its plain text.
//! - Lines are in the order of the packed columns' values, each key once, and each ends in `\n`.
//! - What others write is read as far as it can't be misunderstood: lines in any order, key columns
//!   anywhere in a line, without those that the path tells already, blank lines, a byte order mark,
//!   CRLF. The next write puts the lines in order and leaves their bytes as they are. Anything else
//!   is a [`Fault`], which names object and line.
//!
//! Above the gate a row of a packed table has the key path that it would have in a table of its
//! layout that is not packed: [`place`] says in which pack and line it is.
//!
//! - [`form`]: paths; [`line`]: one line; [`read`]: a whole pack; [`stored_line`]: a row of it;
//!   [`draft`]: a pack that is changed; [`gzip`]: compressed ones

mod draft;
mod form;
mod gzip;
mod line;
mod read;
mod stored_line;

#[cfg(test)]
mod tests;

pub(crate) use draft::{Draft, Row};
pub(crate) use form::{Place, content_type, object_name, order, place, row_path};
pub(crate) use line::{LineError, Writer, Written, version_of};
pub(crate) use read::Pack;
pub(crate) use stored_line::Line;
