//! An S3 server in the test's process: real HTTP on 127.0.0.1, real signatures, everything in memory.
//!
//! It answers as S3 does, records every request that arrives, and can be made to misbehave as other stores do. Tests
//! can also read and write its objects past HTTP, which is not recorded.

mod conditions;
mod deletes;
mod listing;
mod log;
mod objects;
mod options;
mod serve;
mod service;
mod state;

use std::net::SocketAddr;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::SystemTime;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use tokio::sync::oneshot;

pub use log::{ListQuery, Logged, Operation};
pub use options::{Failure, Fault, Options, When};
pub use state::{Attributes, StoredObject};

use log::Log;
use options::Faults;
use state::{Bucket, Object, State};

const ACCESS_KEY: &str = "AKIATESTSERVER";
const SECRET_KEY: &str = "test-server/secret+key";
const REGION: &str = "us-east-1";

/// What the server's thread and its handle share. No lock is held across an await, nor two at once.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    log: Mutex<Log>,
    options: Mutex<Options>,
    faults: Mutex<Faults>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }

    fn options(&self) -> Options {
        *lock(&self.options)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }
}

/// A poisoned lock means that another test thread failed; its own message is the one to read.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running server. It stops, and its connections close, when this is dropped.
///
/// It runs on a thread and runtime of its own, so that it serves tests of any runtime and benchmarks of none.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    /// Dropping it stops the server.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that behaves like S3, with no buckets.
    ///
    /// # Panics
    /// If no port or thread is to be had.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    /// Starts a server with other behaviour.
    ///
    /// # Panics
    /// If no port or thread is to be had.
    #[must_use]
    pub fn start_with(options: Options) -> Self {
        let shared = Arc::new(Shared {
            options: Mutex::new(options),
            ..Shared::default()
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for the test server");
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = mpsc::channel();
        let serving = serve::serve(Arc::clone(&shared), stopped, ready);
        let thread = std::thread::Builder::new()
            .name("s3-test-server".to_owned())
            .spawn(move || runtime.block_on(serving))
            .expect("a thread for the test server");
        let address = address.recv().expect("the test server's thread runs");
        Self {
            shared,
            address: address.expect("a free port for the test server"),
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The URL to reach it at, without a trailing slash. It takes path-style requests.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same without the scheme.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The one access key it knows.
    #[must_use]
    pub fn access_key(&self) -> &'static str {
        ACCESS_KEY
    }

    /// The secret key that goes with it.
    #[must_use]
    pub fn secret_key(&self) -> &'static str {
        SECRET_KEY
    }

    /// The region it says it is in.
    #[must_use]
    pub fn region(&self) -> &'static str {
        REGION
    }

    /// `object_store`'s own client for one of its buckets, ready to be built or changed.
    #[must_use]
    pub fn client(&self, bucket: &str) -> AmazonS3Builder {
        AmazonS3Builder::new()
            .with_endpoint(self.endpoint())
            .with_allow_http(true)
            .with_virtual_hosted_style_request(false)
            .with_region(REGION)
            .with_access_key_id(ACCESS_KEY)
            .with_secret_access_key(SECRET_KEY)
            .with_bucket_name(bucket)
    }

    /// How it behaves now.
    #[must_use]
    pub fn options(&self) -> Options {
        self.shared.options()
    }

    /// Changes how it behaves, for requests from now on.
    pub fn set_options(&self, options: Options) {
        *lock(&self.shared.options) = options;
    }

    /// Makes the next `times` requests of the fault's operation fail.
    pub fn fail_next(&self, fault: Fault, times: usize) {
        self.shared.faults().push(fault, times);
    }

    /// Every HTTP request that arrived since the start or the last clearing, retries and refused ones included, in
    /// order of arrival.
    #[must_use]
    pub fn log(&self) -> Vec<Logged> {
        self.shared.log().entries().to_vec()
    }

    /// The log, which is cleared with the same stroke.
    #[must_use]
    pub fn take_log(&self) -> Vec<Logged> {
        self.shared.log().take()
    }

    /// Forgets the requests so far.
    pub fn clear_log(&self) {
        drop(self.shared.log().take());
    }

    /// How many requests of one class are in the log.
    #[must_use]
    pub fn count(&self, operation: Operation) -> usize {
        let log = self.shared.log();
        let of_class = log.entries().iter().filter(|r| r.operation == operation);
        of_class.count()
    }

    /// How many requests of one class were under way at once, at most, since the log was cleared.
    #[must_use]
    pub fn most_under_way(&self, operation: Operation) -> usize {
        self.shared.log().most_under_way(operation)
    }

    /// How many requests are in the log.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.log().entries().len()
    }
}

/// Past HTTP: what other clients left there, and what is there now.
impl Server {
    /// Creates a bucket, if it is not there.
    pub fn create_bucket(&self, bucket: &str) {
        let mut state = self.shared.state();
        state
            .buckets
            .entry(bucket.to_owned())
            .or_insert_with(Bucket::new);
    }

    /// Writes one object under any key, those that no HTTP client would send included. Creates the bucket.
    pub fn put_raw(&self, bucket: &str, key: &str, body: impl Into<Bytes>) {
        self.put_raw_with(bucket, key, body, Attributes::default());
    }

    /// [`put_raw`](Self::put_raw) with headers, metadata and tags.
    pub fn put_raw_with(
        &self,
        bucket: &str,
        key: &str,
        body: impl Into<Bytes>,
        attributes: Attributes,
    ) {
        let object = Object::new(body.into(), attributes);
        let mut state = self.shared.state();
        let bucket = state
            .buckets
            .entry(bucket.to_owned())
            .or_insert_with(Bucket::new);
        bucket.objects.insert(key.into(), object);
    }

    /// Writes many objects, fast: for tables of up to a million rows. Creates the bucket. Bodies that share their bytes
    /// (`Bytes::clone`, `Bytes::from_static`) take no memory of their own.
    pub fn seed<K, B>(&self, bucket: &str, rows: impl IntoIterator<Item = (K, B)>)
    where
        K: Into<Box<str>>,
        B: Into<Bytes>,
    {
        // Collected before the lock is taken: rows may come from a slow iterator, or one that asks this server.
        let mut objects = rows
            .into_iter()
            .map(|(key, body)| (key.into(), Object::new(body.into(), Attributes::default())))
            .collect();
        let mut state = self.shared.state();
        let bucket = state
            .buckets
            .entry(bucket.to_owned())
            .or_insert_with(Bucket::new);
        bucket.objects.append(&mut objects);
    }

    /// An object as it is now.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<StoredObject> {
        let state = self.shared.state();
        let object = state.buckets.get(bucket)?.objects.get(key)?;
        Some(StoredObject::from(object))
    }

    /// All keys of a bucket, in order; none if there is no such bucket.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let state = self.shared.state();
        let bucket = state.buckets.get(bucket).into_iter();
        bucket
            .flat_map(|bucket| bucket.objects.keys())
            .map(|key| key.to_string())
            .collect()
    }

    /// How many objects a bucket holds; 0 if there is no such bucket.
    #[must_use]
    pub fn object_count(&self, bucket: &str) -> usize {
        let state = self.shared.state();
        state.buckets.get(bucket).map_or(0, |b| b.objects.len())
    }

    /// Removes an object; says whether it was there.
    pub fn remove(&self, bucket: &str, key: &str) -> bool {
        let mut state = self.shared.state();
        let bucket = state.buckets.get_mut(bucket);
        bucket.is_some_and(|bucket| bucket.objects.remove(key).is_some())
    }

    /// Changes when an object was last written, to whole seconds; says whether it is there.
    pub fn set_last_modified(&self, bucket: &str, key: &str, at: SystemTime) -> bool {
        let mut state = self.shared.state();
        let bucket = state.buckets.get_mut(bucket);
        let object = bucket.and_then(|bucket| bucket.objects.get_mut(key));
        object.map(|object| object.set_modified(at)).is_some()
    }

    /// The names of all buckets, in order.
    #[must_use]
    pub fn buckets(&self) -> Vec<String> {
        self.shared.state().buckets.keys().cloned().collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Its panic, if any, was printed by its own thread.
            let _ = thread.join();
        }
    }
}
