//! Listings that break off, repeat themselves or ignore what they are asked.

use crate::*;

const ROWS: u32 = 4_500;
const PAGES: usize = 5;

fn listing() -> Wire {
    let wire = wire();
    wire.seed(0..ROWS);
    wire
}

async fn assert_all_rows(wire: &Wire) {
    let keys = bounded(wire.items.query().concurrency(1).keys()).await;
    let ids: Vec<u32> = keys.unwrap().iter().map(|key| key.id).collect();
    assert_eq!(ids, (0..ROWS).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_that_breaks_off_is_asked_for_again() {
    let wire = listing();
    for page in 1..=PAGES {
        for bytes in [0, 500, 50_000] {
            wire.faults.clear();
            wire.server.clear_log();
            wire.inject(always(Action::CutBody(bytes), RequestClass::List).nth(page as u64));
            assert_all_rows(&wire).await;
            assert_eq!(wire.server.count(Operation::List), PAGES + 1);
        }
    }
}

#[tokio::test]
async fn a_page_that_always_breaks_off_ends_the_listing() {
    let wire = listing();
    wire.inject(always(Action::CutBody(1_000), RequestClass::List).after(2));
    assert_kind(
        bounded(wire.items.query().keys()).await,
        ErrorKind::Unavailable,
    );
    assert_kind(
        bounded(wire.items.query().count()).await,
        ErrorKind::Unavailable,
    );
    // A table that can't be listed whole is not deleted by halves.
    assert_kind(
        bounded(wire.items.query().delete()).await,
        ErrorKind::Unavailable,
    );
    assert_eq!(wire.server.object_count(BUCKET), ROWS as usize);
}

#[tokio::test]
async fn a_repeated_page_neither_doubles_rows_nor_loses_any() {
    let wire = listing();
    for page in 2..=PAGES {
        wire.faults.clear();
        wire.inject(always(Action::RepeatPage, RequestClass::List).nth(page as u64));
        assert_all_rows(&wire).await;
    }
}

#[tokio::test]
async fn a_listing_that_goes_round_in_circles_ends() {
    let wire = listing();
    wire.inject(always(Action::RepeatPage, RequestClass::List).after(2));
    let listed = bounded(wire.items.query().keys()).await;
    assert_kind(listed, ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_store_that_ignores_start_after_gives_the_right_rows() {
    let options = Options {
        ignore_start_after: true,
        ..Options::default()
    };
    let by_server = wire_with(options, |options| options);
    let by_injector = wire();
    by_injector.inject(always(Action::IgnoreStartAfter, RequestClass::List));
    for wire in [by_server, by_injector] {
        wire.seed(0..2_500);
        let query = wire.items.query();
        let ids = |query: ItemsQuery| async move {
            let keys = bounded(query.keys()).await.unwrap();
            keys.iter().map(|key| key.id).collect::<Vec<_>>()
        };
        let column = Item::COLUMNS.id;
        let later = query.clone().filter(column, 2_000..2_100);
        assert_eq!(ids(later).await, (2_000..2_100).collect::<Vec<_>>());
        let scattered = query.clone().filter(column, [3, 1_500, 2_400]);
        assert_eq!(ids(scattered).await, [3, 1_500, 2_400]);
        let page = wire.items.query().page(700).await.unwrap();
        let after = query.after(page.cursor.unwrap());
        assert_eq!(ids(after).await, (700..2_500).collect::<Vec<_>>());
        let shelves = wire.items.query().distinct(Item::COLUMNS.shelf).await;
        assert_eq!(shelves.unwrap(), ["a"]);
    }
}

#[tokio::test]
async fn a_key_that_reads_like_an_error_is_a_key() {
    let wire = wire();
    for shelf in [
        "SlowDown",
        "<Error><Code>SlowDown</Code></Error>",
        "InternalError",
    ] {
        let row = |id| Item {
            shelf: shelf.to_owned(),
            ..item(id, "<Code>SlowDown</Code>")
        };
        wire.items.insert(&row(1)).await.unwrap();
        wire.items.insert(&row(2)).await.unwrap();
        assert_kind(wire.items.insert(&row(1)).await, ErrorKind::AlreadyExists);
        assert_eq!(wire.items.select((shelf, 1)).await.unwrap(), Some(row(1)));
        assert_eq!(wire.items.select((shelf, 9)).await.unwrap(), None);
        let from = wire.items.copy((shelf, 1));
        from.to(&wire.items, (shelf, 3)).await.unwrap();
        let rows = wire.items.query().filter(Item::COLUMNS.shelf, shelf);
        assert_eq!(rows.rows().await.unwrap(), [row(1), row(2), row(3)]);
        assert_eq!(rows.delete().await.unwrap().rows, 3);
        assert!(wire.server.keys(BUCKET).is_empty());
        // Nothing was taken for an error, so nothing was sent again.
        let expected = [
            "PUT 200", "PUT 200", "PUT 412", "GET 200", "GET 404", "COPY 200", "LIST 200",
            "GET 200", "GET 200", "GET 200", "LIST 200", "POST 200",
        ];
        assert_eq!(wire.log(), expected);
        wire.server.clear_log();
    }
}
