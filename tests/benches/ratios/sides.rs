//! The two sides of a comparison, over one and the same transport: a table of this library and `object_store`'s client.

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
};
use s3aads::{Database, S3Options, Server};
use s3aads_tests::server::Server as TestServer;
use tokio::runtime::Runtime;

use crate::bucket::Bucket;
use crate::paired::cpu_of;
use crate::rows::{self, DailyData, DailyDataTable, Key, TABLE};

const BUCKET: &str = "bench";
const ENDPOINT: &str = "http://127.0.0.1:9";
const CREDENTIALS: (&str, &str) = ("AKIABENCHMARK", "bench/secret+key");

/// This library.
pub(crate) struct Ours {
    pub(crate) db: Database,
    pub(crate) days: DailyDataTable,
}

impl Ours {
    fn new(options: S3Options) -> Self {
        let options = options.conditional_put(s3aads::ConditionalPut::ETag);
        let server = options.region("us-east-1").build().expect("valid options");
        let db = server.database(BUCKET).expect("a valid name");
        let days = db.table::<DailyData>();
        Self { db, days }
    }

    /// On a bucket in this process.
    pub(crate) fn in_process(bucket: &Bucket) -> Self {
        let (id, secret) = CREDENTIALS;
        let options = Server::s3().endpoint(ENDPOINT).credentials(id, secret);
        Self::new(options.http_connector(bucket.clone()))
    }

    /// Over HTTP.
    pub(crate) fn over_http(server: &TestServer) -> Self {
        let options = Server::s3()
            .endpoint(server.endpoint())
            .credentials(server.access_key(), server.secret_key());
        Self::new(options)
    }

    pub(crate) async fn select(&self, key: Key) {
        let row = self.days.select(key).await.expect("an answer");
        assert!(row.is_some(), "a row");
    }

    pub(crate) async fn insert(&self, key: Key) {
        let inserted = self.days.insert(&rows::row(key)).await;
        inserted.expect("the key is free");
    }

    /// Every key, typed, by one request after the other.
    pub(crate) async fn list(&self) -> usize {
        let keys = self.days.query().concurrency(1).keys().await;
        keys.expect("a listing").len()
    }

    /// Every key, typed, with what the listing tells of the object.
    pub(crate) async fn objects(&self) -> usize {
        let objects = self.days.query().concurrency(1).objects().await;
        objects.expect("a listing").len()
    }
}

/// `object_store` alone, used as a careful program would: it makes the same paths and JSON.
pub(crate) struct Raw(AmazonS3);

impl Raw {
    pub(crate) fn in_process(bucket: &Bucket) -> Self {
        let (id, secret) = CREDENTIALS;
        let store = AmazonS3Builder::new()
            .with_endpoint(ENDPOINT)
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_access_key_id(id)
            .with_secret_access_key(secret)
            .with_bucket_name(BUCKET)
            .with_http_connector(bucket.clone());
        Self(store.build().expect("valid options"))
    }

    pub(crate) fn over_http(server: &TestServer) -> Self {
        Self(server.client(BUCKET).build().expect("valid options"))
    }

    pub(crate) async fn select(&self, key: Key) {
        let found = self.0.get(&rows::location(key)).await.expect("an object");
        let body = found.bytes().await.expect("a body");
        let data: Vec<String> = serde_json::from_slice(&body).expect("a row's JSON");
        let (id, year, month, day) = key;
        std::hint::black_box(DailyData {
            id,
            year,
            month,
            day,
            data,
        });
    }

    pub(crate) async fn insert(&self, key: Key) {
        self.put(key, None).await;
    }

    /// With an id of the write among the object's metadata, as this library sends one: by it a write whose answer was
    /// lost is found out.
    pub(crate) async fn insert_with_id(&self, key: Key) {
        let id = format!("{:032x}", fastrand::u128(..));
        self.put(key, Some(id)).await;
    }

    async fn put(&self, key: Key, id: Option<String>) {
        let row = rows::row(key);
        let key = (row.id, row.year, row.month, row.day);
        let body = serde_json::to_vec(&row.data).expect("text has a JSON form");
        let mut attributes = Attributes::from_iter([(Attribute::ContentType, "application/json")]);
        if let Some(id) = id {
            attributes.insert(Attribute::Metadata("s3aadsop".into()), id.into());
        }
        let options = PutOptions {
            mode: PutMode::Create,
            attributes,
            ..PutOptions::default()
        };
        let body = PutPayload::from_bytes(Bytes::from(body));
        let put = self.0.put_opts(&rows::location(key), body, options).await;
        put.expect("the key is free");
    }

    /// Every object's meta data, as `object_store` gives it.
    pub(crate) async fn list(&self) -> usize {
        self.metas().await.len()
    }

    /// The same with the key columns read from the paths.
    pub(crate) async fn list_parsed(&self) -> usize {
        let metas = self.metas().await;
        let keys: Option<Vec<Key>> = metas.iter().map(|m| rows::parse(&m.location)).collect();
        keys.expect("rows only").len()
    }

    async fn metas(&self) -> Vec<ObjectMeta> {
        let listed = self.0.list(Some(&Path::from(TABLE))).try_collect().await;
        listed.expect("a listing")
    }
}

/// A server over HTTP, on a thread of its own, with the bucket.
pub(crate) fn http_server() -> TestServer {
    let server = TestServer::start();
    server.create_bucket(BUCKET);
    server
}

/// The server's log is not what is measured.
pub(crate) fn seed(server: &TestServer, keys: impl Iterator<Item = Key>) {
    let body = Bytes::from(rows::body());
    server.seed(BUCKET, keys.map(|key| (rows::path(key), body.clone())));
}

/// Everything on this thread, so that its clock of CPU time sees the client's whole work and nobody else's.
pub(crate) fn one_thread() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime")
}

/// The CPU time of `calls` calls, one after the other.
pub(crate) fn cpu_of_calls<F: Future>(
    runtime: &Runtime,
    calls: u64,
    mut call: impl FnMut(u64) -> F,
) -> Duration {
    cpu_of(|| {
        runtime.block_on(async {
            for number in 0..calls {
                call(number).await;
            }
        });
    })
}
