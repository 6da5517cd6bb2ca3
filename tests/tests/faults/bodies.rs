//! Bodies that break off, and bodies that are changed on their way.

use futures_util::TryStreamExt;

use crate::*;

#[tokio::test]
async fn a_body_that_breaks_off_is_read_again() {
    for bytes in [0, 1, 10] {
        let wire = wire();
        wire.put_raw(1, "whole");
        wire.inject(once(Action::CutBody(bytes), RequestClass::Get));
        let row = wire.items.select(("a", 1)).await.unwrap().unwrap();
        assert_eq!(row, item(1, "whole"));
        assert_eq!(wire.log(), ["GET 200", "GET 200"]);
    }
}

#[tokio::test]
async fn a_body_that_always_breaks_off_is_no_row() {
    let wire = wire();
    wire.put_raw(1, "whole");
    wire.inject(always(Action::CutBody(5), RequestClass::Get));
    let said = assert_kind(wire.items.select(("a", 1)).await, ErrorKind::Unavailable);
    assert!(said.contains("did not arrive whole"), "{said}");
    assert_eq!(wire.server.count(Operation::Get), RETRIES as usize + 1);
}

#[tokio::test]
async fn a_flipped_bit_is_seen_wherever_it_is() {
    let text = body("whole");
    let wire = wire();
    wire.put_raw(1, "whole");
    for bit in 0..text.len() * 8 {
        wire.server.clear_log();
        wire.inject(once(Action::FlipBit(bit), RequestClass::Get));
        // In the text it would still be JSON, and the row another.
        let row = wire.items.select(("a", 1)).await.unwrap().unwrap();
        assert_eq!(row, item(1, "whole"), "bit {bit}");
        assert_eq!(wire.log(), ["GET 200", "GET 200"]);
    }
}

#[tokio::test]
async fn an_etag_that_is_no_digest_makes_no_row_unreadable() {
    let wire = wire();
    wire.seed(0..3);
    // A store whose ETags are no digests: the same other body comes every time.
    let bit = body("").len() * 8 - 16;
    wire.inject(always(Action::FlipBit(bit), RequestClass::Get));
    for id in 0..3 {
        let row = wire.items.select(("a", id)).await.unwrap().unwrap();
        assert_ne!(row.text, "seeded");
    }
    // Once it is known, a row costs one request again.
    assert_eq!(wire.server.count(Operation::Get), 4);
}

#[tokio::test]
async fn rows_are_whole_however_many_bodies_break() {
    let wire = wire();
    wire.seed(0..200);
    // A bit flips on its way, not the same one each time.
    for id in (0..200).step_by(5) {
        let key = format!("/{id:06}");
        wire.inject(once(Action::FlipBit(83), RequestClass::Get).key(key));
    }
    wire.inject(always(Action::CutBody(3), RequestClass::Get).probability(0.1));
    let rows = bounded(wire.items.query().stream().try_collect::<Vec<_>>()).await;
    let expected: Vec<Item> = (0..200).map(|id| item(id, "seeded")).collect();
    assert_eq!(rows.unwrap(), expected);
    assert!(wire.faults.log().len() > 40);
}
