//! Databases on an `object_store` that the user brings, of which nothing is known.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use s3aads::{Conditions, Database, ErrorKind, WriteOptions};

use crate::model::{Counter, DailyData, counter, day};
use crate::refused;

/// Writes over what is there where a condition of this kind forbids it.
#[derive(Debug)]
struct Deaf {
    memory: InMemory,
    creates: bool,
    updates: bool,
}

impl std::fmt::Display for Deaf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("deaf")
    }
}

#[async_trait]
impl ObjectStore for Deaf {
    async fn put_opts(&self, to: &Path, body: PutPayload, o: PutOptions) -> Result<PutResult> {
        let mode = match o.mode {
            PutMode::Create if self.creates => PutMode::Overwrite,
            PutMode::Update(_) if self.updates => PutMode::Overwrite,
            mode => mode,
        };
        let options = PutOptions { mode, ..o };
        self.memory.put_opts(to, body, options).await
    }

    async fn put_multipart_opts(
        &self,
        to: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.memory.put_multipart_opts(to, options).await
    }

    async fn get_opts(&self, from: &Path, options: GetOptions) -> Result<GetResult> {
        self.memory.get_opts(from, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.memory.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.memory.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.memory.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.memory.copy_opts(from, to, options).await
    }
}

fn deaf(creates: bool, updates: bool) -> Arc<Deaf> {
    Arc::new(Deaf {
        memory: InMemory::new(),
        creates,
        updates,
    })
}

fn database(store: &Arc<Deaf>) -> Database {
    Database::with_store("mine", Arc::<Deaf>::clone(store))
}

#[tokio::test]
async fn any_object_store_can_be_a_database() {
    let store = Arc::new(InMemory::new());
    let db = Database::with_store("mine", store);
    let days = db.table::<DailyData>();
    for id in [10, 9, 1] {
        days.insert(&day(id, 2020, 1, 1)).await.unwrap();
    }
    refused(
        days.insert(&day(1, 2020, 1, 1)).await,
        ErrorKind::AlreadyExists,
    );
    assert_eq!(days.ids().await.unwrap(), [1, 9, 10]);
    assert_eq!(days.filter_by_id(9..).count().await.unwrap(), 2);
}

#[tokio::test]
async fn nothing_is_overwritten_on_a_store_that_ignores_conditions() {
    let store = deaf(true, true);
    let theirs = counter("a", 1);
    // The second handle reads what the first one found out.
    for _ in 0..2 {
        let counters = database(&store).table::<Counter>();
        counters.upsert(&theirs).await.unwrap();
        for name in ["a", "free"] {
            let inserted = counters.insert(&counter(name, 2)).await;
            refused(inserted, ErrorKind::Unsupported);
        }
        let options = WriteOptions::new().metadata("author", "ada");
        let inserted = counters.insert_with(&counter("a", 2), &options).await;
        refused(inserted, ErrorKind::Unsupported);
        let mut read = counters.select_versioned("a").await.unwrap().unwrap();
        read.value = 2;
        refused(counters.update(&read).await, ErrorKind::Unsupported);
        let modified = counters.modify("a", |row| row.value = 2).await;
        refused(modified, ErrorKind::Unsupported);
        let there = counters.rows().await.unwrap();
        assert_eq!(there.as_slice(), std::slice::from_ref(&theirs));
    }
    let checked = database(&store).check().await.unwrap();
    assert!(!checked.conditional_writes(), "{checked}");

    // The trap is a trap: who says that conditions hold here overwrites in silence.
    let assumed = database(&store).with_conditions(Conditions::Assumed);
    let counters = assumed.table::<Counter>();
    counters.insert(&counter("a", 2)).await.unwrap();
    assert_eq!(counters.rows().await.unwrap(), [counter("a", 2)]);
}

#[tokio::test]
async fn creates_and_updates_are_believed_each_on_its_own() {
    for ignored in ["creates", "updates"] {
        let store = deaf(ignored == "creates", ignored == "updates");
        let counters = database(&store).table::<Counter>();
        counters.upsert(&counter("a", 1)).await.unwrap();
        let mut read = counters.select_versioned("a").await.unwrap().unwrap();
        read.value = 2;
        let inserted = counters.insert(&counter("b", 1)).await;
        let updated = counters.update(&read).await;
        match ignored {
            "creates" => {
                refused(inserted, ErrorKind::Unsupported);
                updated.unwrap();
                refused(counters.update(&read).await, ErrorKind::Conflict);
            }
            _ => {
                inserted.unwrap();
                let again = counters.insert(&counter("b", 1)).await;
                refused(again, ErrorKind::AlreadyExists);
                refused(updated, ErrorKind::Unsupported);
            }
        }
    }
}
