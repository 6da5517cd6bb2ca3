//! Random sequences of all operations, against a map: each answer must be the model's.
//!
//! A failing sequence is shrunk to a short one before it is shown.

mod answer;
mod filters;
mod names;
mod operation;
mod reference;
mod rows;
#[allow(dead_code, reason = "twins are compared in `model_packed`")]
mod sequence;
mod subject;
mod turned;

use s3aads::{Durability, Server};
use s3aads_tests::server::Options;

use sequence::{Local, Memory, hold_to_the_model, hold_wire_to_the_model, operations};

#[test]
fn memory_does_what_the_model_does() {
    hold_to_the_model::<Memory>(&Server::memory(), operations(), || {});
}

#[test]
fn local_does_what_the_model_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::local_with(folder.path(), Durability::Relaxed);
    hold_to_the_model::<Local>(&server, operations(), || {});
}

#[test]
fn wire_does_what_the_model_does() {
    hold_wire_to_the_model(Options::default(), operations());
}

/// So that few rows have many pages, between which is all that listings do: seeks, descents, splits.
#[test]
fn wire_with_small_pages_does_what_the_model_does() {
    let options = Options {
        page_size: Some(3),
        ..Options::default()
    };
    hold_wire_to_the_model(options, operations() / 4);
}

#[test]
fn wire_that_ignores_start_after_does_what_the_model_does() {
    let options = Options {
        page_size: Some(3),
        ignore_start_after: true,
        ..Options::default()
    };
    hold_wire_to_the_model(options, operations() / 4);
}
