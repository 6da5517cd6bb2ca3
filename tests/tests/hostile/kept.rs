//! Replays what the fuzz targets found, and a few inputs that reach every branch.

use std::fs;
use std::path::Path;

use crate::{keys, rows};

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/fuzz")
        .join(target);
    let mut replayed = 0;
    for file in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let file = file.unwrap().path();
        println!("{}", file.display());
        check(&fs::read(file).unwrap());
        replayed += 1;
    }
    assert!(replayed > 0, "{folder:?} is empty");
}

#[test]
fn keys() {
    replay("keys", keys::check);
}

#[test]
fn rows() {
    replay("rows", rows::check);
}
