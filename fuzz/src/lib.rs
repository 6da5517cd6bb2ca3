//! What the fuzz targets check through the public interface; `s3aads::__fuzz` holds the rest. The tests of the main
//! workspace include these files and replay what the targets found.

pub mod keys;
pub mod rows;

#[allow(
    dead_code,
    reason = "the tables of the layout's fixtures, whose rows are not made here"
)]
#[path = "../../tests/tests/layout/tables.rs"]
mod tables;
