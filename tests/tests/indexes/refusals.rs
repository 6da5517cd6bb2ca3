//! Who may not write to a table with indexes, and what has none yet.

use s3aads::{Database, ErrorKind, S3Table};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::Store;

use crate::model::{Order, order};
use crate::{refused, takes_indexes};

/// The table as it was before it had an index.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "item")]
struct Plain {
    #[s3(key)]
    id: u32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "item")]
struct Named {
    #[s3(key)]
    id: u32,
    #[s3(index)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "item", index(both, columns = "name, id"))]
struct Both {
    #[s3(key)]
    id: u32,
    #[s3(index)]
    name: String,
}

fn plain(id: u32) -> Plain {
    let name = "cup".to_owned();
    Plain { id, name }
}

fn named(id: u32) -> Named {
    let name = "cup".to_owned();
    Named { id, name }
}

/// The database as another program opens it, which knows nothing yet.
fn other(store: &Store) -> Database {
    store.database(store.db().name())
}

async fn who_does_not_know_an_index_must_not_write(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    store.db().table::<Named>().insert(&named(1)).await.unwrap();
    let db = other(store);
    let plain_table = db.open_table::<Plain>().await.unwrap();
    let error = refused(plain_table.upsert(&plain(2)).await, ErrorKind::Unsupported);
    assert!(error.to_string().contains("the index name("), "{error}");
    refused(plain_table.delete(1).await, ErrorKind::Unsupported);
    // It reads.
    assert_eq!(plain_table.rows().await.unwrap(), [plain(1)]);
    // So does whoever has no struct.
    for raw in [
        db.get_table("item").await.unwrap().unwrap(),
        store.db().table::<Named>().raw(),
    ] {
        assert_eq!(raw.count().await.unwrap(), 1);
        let row = raw.select_string(["1"]).await.unwrap().unwrap();
        assert!(row.contains(r#""name":"cup""#), "{row}");
        refused(raw.upsert(["2"], "{}").await, ErrorKind::Unsupported);
        refused(raw.delete(["1"]).await, ErrorKind::Unsupported);
        refused(raw.copy("1").to(&raw, "2").await, ErrorKind::Unsupported);
    }
    // Of an index that the table does not have, nobody may read or write.
    let both = other(store).table::<Both>();
    let row = Both {
        id: 2,
        name: "cup".to_owned(),
    };
    let error = refused(both.upsert(&row).await, ErrorKind::Unsupported);
    assert!(error.to_string().contains("the index both("), "{error}");
    refused(
        both.filter_by_name("cup").rows().await,
        ErrorKind::Unsupported,
    );
    assert_eq!(both.rows().await.unwrap().len(), 1);
}

async fn a_table_with_rows_gets_no_index(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    store.db().table::<Plain>().upsert(&plain(1)).await.unwrap();
    let table = other(store).table::<Named>();
    let error = refused(table.upsert(&named(2)).await, ErrorKind::Unsupported);
    assert!(error.to_string().contains("the table has rows"), "{error}");
    refused(
        table.filter_by_name("cup").rows().await,
        ErrorKind::Unsupported,
    );
    refused(table.names().await, ErrorKind::Unsupported);
    assert_eq!(table.rows().await.unwrap(), [named(1)]);
    // Once they are gone it does.
    store.db().drop_table("item").await.unwrap();
    let table = other(store).table::<Named>();
    assert!(table.filter_by_name("cup").rows().await.unwrap().is_empty());
    table.upsert(&named(2)).await.unwrap();
    assert_eq!(
        table.filter_by_name("cup").rows().await.unwrap(),
        [named(2)]
    );
}

async fn what_can_t_stand_in_an_index_is_refused_before_it_is_sent(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    let long = order("a", 1, &"x".repeat(1000));
    orders.insert(&order("a", 2, "ada")).await.unwrap();
    let sent = store.db().usage().total();
    refused(orders.insert(&long).await, ErrorKind::InvalidKey);
    refused(
        orders.filter_by_customer("x".repeat(2000)).rows().await,
        ErrorKind::InvalidKey,
    );
    assert_eq!(store.db().usage().total(), sent);
}

async fn a_table_with_indexes_is_not_rekeyed(store: &Store) {
    let db = store.db();
    #[derive(Debug, S3Table)]
    struct Elsewhere {
        #[s3(key)]
        id: u32,
        name: String,
    }
    let rekey = db.rekey::<Named, Elsewhere>(|key| ElsewhereKey { id: key.id });
    refused(rekey.await, ErrorKind::Unsupported);
    let rekey = db.rekey::<Elsewhere, Named>(|key| NamedKey { id: key.id });
    refused(rekey.dry_run().await, ErrorKind::Unsupported);
}

async fn nobody_else_is_let_to_write_a_row(store: &Store) {
    let orders = store.db().table::<Order>();
    let url = orders.presign_put(("a", 1), std::time::Duration::from_secs(60));
    refused(url.await, ErrorKind::Unsupported);
}

on_every_store!(
    nobody_else_is_let_to_write_a_row,
    who_does_not_know_an_index_must_not_write,
    a_table_with_rows_gets_no_index,
    what_can_t_stand_in_an_index_is_refused_before_it_is_sent,
    a_table_with_indexes_is_not_rekeyed,
);
