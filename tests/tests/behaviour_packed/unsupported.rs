//! A pack holds others' rows, so that it is written where conditions are honoured and nowhere else.

use s3aads::ErrorKind;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{DailyData, day};
use crate::refused;

/// Every write, and what it leaves; a store that honours conditions takes the same writes.
async fn packs_are_written_only_where_conditions_are_honoured(store: &Store) {
    let table = store.db().table::<DailyData>();
    let row = day(1, 2020, 2, 3);
    let key = (1, 2020, 2, 3);
    let honours = !store.lacks(Capability::Creates) && !store.lacks(Capability::Updates);
    if honours {
        table.upsert(&row).await.unwrap();
        assert_eq!(table.select(key).await.unwrap(), Some(row));
        return;
    }
    let unsupported = ErrorKind::Unsupported;
    refused(table.insert(&row).await, unsupported);
    refused(table.upsert(&row).await, unsupported);
    refused(table.delete(key).await, unsupported);
    refused(table.modify(key, |_| ()).await, unsupported);
    refused(table.insert_all([&row]).await.into_result(), unsupported);
    refused(table.upsert_all([&row]).await.into_result(), unsupported);
    refused(table.delete_all([key]).await.into_result(), unsupported);
    let pack = table.pack((1, 2020));
    refused(pack.transact(|rows| rows.upsert(&row)).await, unsupported);
    // Reading asks for nothing that the store lacks.
    assert_eq!(table.select(key).await.unwrap(), None);
    assert_eq!(table.rows().await.unwrap(), []);
    assert_eq!(pack.rows().await.unwrap(), []);
    assert_eq!(store.db().tables().await.unwrap(), Vec::<String>::new());
}

s3aads_tests::on_every_store!(packs_are_written_only_where_conditions_are_honoured);
