//! Stores that forget what they did, and stores without a place for metadata.

use futures_util::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::{
    GetResult, ListResult, MultipartUpload, PutMultipartOptions, PutResult, Result as Answer,
};

use super::*;

/// Applies every PUT and says that it failed.
#[derive(Debug)]
struct Forgetful(InMemory, fn() -> Error);

impl std::fmt::Display for Forgetful {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("forgetful")
    }
}

#[async_trait]
impl ObjectStore for Forgetful {
    async fn put_opts(&self, to: &Path, body: PutPayload, o: PutOptions) -> Answer<PutResult> {
        self.0.put_opts(to, body, o).await?;
        Err(self.1())
    }

    async fn put_multipart_opts(
        &self,
        to: &Path,
        options: PutMultipartOptions,
    ) -> Answer<Box<dyn MultipartUpload>> {
        self.0.put_multipart_opts(to, options).await
    }

    async fn get_opts(&self, from: &Path, options: GetOptions) -> Answer<GetResult> {
        self.0.get_opts(from, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Answer<Path>>,
    ) -> BoxStream<'static, Answer<Path>> {
        self.0.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Answer<ObjectMeta>> {
        self.0.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Answer<ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Answer<()> {
        self.0.copy_opts(from, to, options).await
    }
}

fn lost() -> Error {
    Error::Generic {
        store: "test",
        source: "the answer was lost".into(),
    }
}

fn taken() -> Error {
    Error::AlreadyExists {
        path: String::new(),
        source: "a second attempt found the first".into(),
    }
}

async fn create(error: fn() -> Error, attributes: bool) -> Result<Version> {
    let store = Arc::new(Forgetful(InMemory::new(), error));
    let backend = GenericBackend::new(store, "test", attributes, true);
    let request = PutRequest {
        condition: Condition::Absent,
        ..PutRequest::default()
    };
    backend
        .put("t/1", Bytes::new(), request, &Meter::default())
        .await
}

#[tokio::test]
async fn an_own_write_is_a_success_whatever_the_store_said() {
    for error in [lost, taken] {
        assert!(create(error, true).await.is_ok());
        assert!(create(error, false).await.is_err());
    }
}

#[cfg(feature = "local")]
#[tokio::test]
async fn a_store_without_metadata_still_takes_rows() {
    let folder = tempfile::tempdir().unwrap();
    let store = object_store::local::LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let db = crate::Database::with_store("plain", Arc::new(store));
    let table = db.raw_table("t", ["id"]).unwrap();
    table.insert_string(["1"], "one").await.unwrap();
    let error = table.insert_string(["1"], "two").await.unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::AlreadyExists);
    assert_eq!(
        table.select_string(["1"]).await.unwrap().as_deref(),
        Some("one")
    );
}

#[tokio::test]
async fn memory_deletes_what_was_read_and_a_brought_store_says_that_it_can_t() {
    let meter = Meter::default();
    for name in ["memory", "custom"] {
        let store = GenericBackend::new(Arc::new(InMemory::new()), name, true, false);
        let put = || store.put("t/1", Bytes::new(), PutRequest::default(), &meter);
        let (stale, current) = (put().await.unwrap(), put().await.unwrap());
        let refused = store.delete("t/1", Some(&stale), &meter).await.unwrap_err();
        if name == "custom" {
            assert_eq!(refused.reason(), Reason::Unsupported);
            continue;
        }
        assert_eq!(refused.reason(), Reason::Changed);
        store.delete("t/1", Some(&current), &meter).await.unwrap();
        let gone = store.delete("t/1", Some(&current), &meter).await;
        assert_eq!(gone.unwrap_err().reason(), Reason::Changed);
    }
}

/// A listing that nobody went on with leaves nothing to a later one.
#[tokio::test]
async fn a_listing_goes_on_with_no_other_ones_rest() {
    let store = GenericBackend::new(Arc::new(InMemory::new()), "memory", true, false);
    let meter = Meter::default();
    let put = async |key: &str| {
        let put = store.put(key, Bytes::new(), PutRequest::default(), &meter);
        put.await.unwrap();
    };
    for key in ["t/1", "t/2", "t/3"] {
        put(key).await;
    }
    let request = ListRequest {
        prefix: "t/".into(),
        max_keys: Some(2),
        ..ListRequest::default()
    };
    store.list(request.clone(), &meter).await.unwrap();
    put("t/4").await;
    let first = store.list(request.clone(), &meter).await.unwrap();
    let rest = ListRequest {
        token: first.next,
        ..request
    };
    let rest = store.list(rest, &meter).await.unwrap();
    let keys: Vec<_> = rest.objects.iter().map(|object| &object.key).collect();
    assert_eq!(keys, ["t/3", "t/4"]);
}
