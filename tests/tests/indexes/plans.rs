//! What `explain` says of queries that go by an index or read rows.

use s3aads::{Database, Pushdown, Table};

use crate::model::{Follow, Order, State};

fn table<T: s3aads::S3Table>() -> Table<T> {
    Database::open("memory:///plans").unwrap().table()
}

#[tokio::test]
async fn the_index_that_has_most_of_what_is_asked_is_taken() {
    let orders: Table<Order> = table();
    let index = |query: &<Order as s3aads::S3Table>::Query| {
        query.explain().unwrap().index().map(str::to_owned)
    };
    let q = || orders.query();
    for (query, expected) in [
        (q(), None),
        (q().filter_by_shop("a"), None),
        (q().filter_by_shop("a").filter_by_id(1), None),
        (q().filter_by_id(1), Some("in_shops")),
        (q().filter_by_customer("ada"), Some("customer")),
        (
            q().filter_by_customer("ada").filter_by_shop("a"),
            Some("customer"),
        ),
        // One row by its key, which is read to see.
        (
            q().filter_by_customer("ada")
                .filter_by_shop("a")
                .filter_by_id(1),
            None,
        ),
        (q().filter_by_day(1), Some("by_day")),
        (q().filter_by_state(State::Paid), Some("by_day")),
        (
            q().filter_by_day(1).filter_by_customer("ada"),
            Some("customer"),
        ),
        (
            q().filter_by_day(1)
                .filter_by_state(State::Paid)
                .filter_by_customer("ada"),
            Some("by_day"),
        ),
    ] {
        let plan = query.explain().unwrap();
        assert_eq!(index(&query).as_deref(), expected, "{plan}");
    }
}

#[tokio::test]
async fn a_plan_says_what_it_lists_and_reads() {
    let orders: Table<Order> = table();
    let plan = orders
        .filter_by_customer("ada")
        .filter_by_day(3..)
        .explain()
        .unwrap();
    assert_eq!(plan.prefix(), "_s3aads/index/order/customer/ada/");
    assert!(plan.reads_rows());
    let day = plan
        .columns()
        .iter()
        .find(|column| column.name() == "day")
        .unwrap();
    assert_eq!(day.pushdown(), Pushdown::Rows);
    let text = plan.to_string();
    assert!(text.contains("by the index customer"), "{text}");
    assert!(text.contains("tested row by row"), "{text}");
    assert!(text.contains("n GET, one for each row"), "{text}");
    let many = plan.assume_rows(2_500).to_string();
    assert!(many.contains("at most 2500 GET"), "{many}");

    let follows: Table<Follow> = table();
    let plan = follows.filter_by_whom("eve").explain().unwrap();
    assert_eq!(
        (plan.index(), plan.reads_rows()),
        (Some("followers"), false)
    );
    let range = orders.filter_by_day(3..5).explain().unwrap();
    assert_eq!(range.columns()[0].pushdown(), Pushdown::Bounds);
}
