//! The random sequences of `model/` on packed tables: each answer must be the model's, whose rows are in the order of the
//! packed columns' values; and a packed table and its twin that is not packed must answer alike.

#![allow(
    clippy::duplicate_mod,
    reason = "the sequences are written for one `Row`, and each module here has another one"
)]

mod trailing;
mod unpacked;
mod whole;

use s3aads::{Durability, Server};
use s3aads_tests::server::Options;
use trailing::sequence::operations;

#[test]
fn memory_does_what_the_model_does() {
    use trailing::sequence::{Memory, hold_to_the_model};
    hold_to_the_model::<Memory>(&Server::memory(), operations(), || {});
}

#[test]
fn local_does_what_the_model_does() {
    use trailing::sequence::{Local, hold_to_the_model};
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::local_with(folder.path(), Durability::Relaxed);
    hold_to_the_model::<Local>(&server, operations() / 4, || {});
}

#[test]
fn wire_does_what_the_model_does() {
    trailing::sequence::hold_wire_to_the_model(Options::default(), operations() / 2);
}

#[test]
fn wire_with_small_pages_does_what_the_model_does() {
    let options = Options {
        page_size: Some(3),
        ..Options::default()
    };
    trailing::sequence::hold_wire_to_the_model(options, operations() / 8);
}

#[test]
fn memory_with_one_pack_does_what_the_model_does() {
    use whole::sequence::{Memory, hold_to_the_model};
    hold_to_the_model::<Memory>(&Server::memory(), operations() / 2, || {});
}

#[test]
fn wire_with_one_pack_does_what_the_model_does() {
    whole::sequence::hold_wire_to_the_model(Options::default(), operations() / 8);
}

/// Whether twins answer differently: by the form of texts and paths, and by when a schema is stored and how many objects there
/// are.
fn differs(operation: &trailing::Operation) -> bool {
    use trailing::Operation as O;
    matches!(
        operation,
        O::RawQuery(..) | O::RawQueryByKey(..) | O::RawDistinct(_) | O::GetTable | O::DropTable
    )
}

/// Side by side: the same operations, drawn from the same seed. On the wire, where a row that is written again as it was is the
/// version that it was in both.
#[test]
fn twins_answer_alike() {
    let seed = std::array::from_fn(|_| fastrand::u8(..));
    println!("seed {seed:?}");
    let (packed, unpacked) = std::thread::scope(|scope| {
        let packed = scope.spawn(|| trailing::sequence::answers_on_wire(operations() / 4, seed));
        let unpacked = scope.spawn(|| unpacked::sequence::answers_on_wire(operations() / 4, seed));
        (
            packed.join().expect("answers"),
            unpacked.join().expect("answers"),
        )
    });
    assert_eq!(packed.len(), unpacked.len());
    let mut compared = 0;
    for ((operation, answer), (other, other_answer)) in packed.iter().zip(&unpacked) {
        assert_eq!(format!("{operation:?}"), format!("{other:?}"));
        let (answer, other_answer) = (format!("{answer:?}"), format!("{other_answer:?}"));
        if !differs(operation) && !answer.starts_with("Sample") {
            assert_eq!(answer, other_answer, "{operation:?}");
            compared += 1;
        }
    }
    assert!(
        compared > packed.len() * 4 / 5,
        "{compared} of {}",
        packed.len()
    );
}
