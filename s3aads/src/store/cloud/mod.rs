//! Azure Blob Storage and Google Cloud Storage.
//!
//! PUT, GET and HEAD go through `object_store`; what it has no method for, or not as a database
//! needs it (pages of a listing under any keys, conditional deletes, copies between buckets, the bucket
//! itself) is sent by a small client on its credentials and through its HTTP connector. A
//! [`Service`] knows what tells the two apart.

#[cfg(feature = "azure")]
mod azure;
mod client;
mod credentials;
mod failure;
#[cfg(feature = "gcs")]
mod gcs;
#[cfg(test)]
mod script;
#[cfg(test)]
mod tests;
mod wire;
mod xml;

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::HeaderName;
use http::{Method, StatusCode};
use object_store::client::{HttpClient, HttpRequest};
use object_store::path::Path;
use object_store::{
    Attributes, BackoffConfig, GetOptions, ObjectMeta, ObjectStore, PutMode, PutOptions,
    PutPayload, RetryConfig,
};

#[cfg(feature = "azure")]
pub(crate) use azure::open as open_azure;
#[cfg(feature = "gcs")]
pub(crate) use gcs::open as open_gcs;

use self::client::{Call, Client};
use self::failure::{Failure, Fate, Retry};
use self::wire::{Answer, Note};
use self::xml::Malformed;
use super::operation::{Operation, Trace};
use super::{
    Backend, Condition, Conditions, Copied, Deletion, ListPage, ListRequest, Meter, Object,
    ObjectEntry, PAGE_SIZE, PutRequest, Reason, RequestClass, Result, StoreError, Traits, Version,
    download,
};

/// Settings by the names that `object_store` knows them by.
pub(crate) type Settings = [(String, String)];

/// How many single deletes of a batch are under way at once.
const DELETES_AT_ONCE: usize = 16;

/// What tells one cloud's store from the other's.
#[async_trait]
trait Service: fmt::Debug + Send + Sync {
    /// The store's short name.
    fn name(&self) -> &'static str;

    /// The URL of a bucket or container is this and its name.
    fn endpoint(&self) -> &str;

    /// Whether it is the cloud itself and not something that speaks its protocol.
    fn is_the_cloud(&self) -> bool;

    /// Whether a listing starts where it is told.
    fn seeks(&self) -> bool {
        true
    }

    /// Adds what shows who asks.
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()>;

    /// The query of a LIST.
    fn list_query(&self, request: &ListRequest) -> Vec<(&'static str, String)>;

    /// What a LIST answers.
    fn parse_list(&self, body: &[u8]) -> std::result::Result<ListPage, Malformed>;

    /// The request that makes the bucket at this URL.
    fn create(&self, url: String) -> Call;

    /// The codes by which that request says that the bucket is there, and ours.
    fn ours_already(&self) -> &'static [&'static str];

    /// The request that asks for the bucket at this URL.
    fn exists(&self, url: String) -> Call;

    /// The header that makes a request conditional; none if the version is not known.
    fn condition(&self, condition: &Condition) -> Option<(HeaderName, String)>;

    /// Which version of an object `object_store` means.
    fn version(&self, e_tag: Option<String>, version: Option<String>) -> Version;

    /// The header that names a copy's source, whose URL this is.
    fn copy_source(&self, url: &str) -> (HeaderName, String);

    /// The header that says how far a copy got, if it may go on after the answer.
    fn copy_status(&self) -> Option<HeaderName> {
        None
    }

    /// The header that names an object's storage class.
    fn storage_class(&self) -> HeaderName;

    /// Refuses what can't go with a write here.
    fn check(&self, request: &PutRequest) -> Result<()>;
}

/// One bucket or container.
pub(crate) struct CloudBackend {
    service: Box<dyn Service>,
    bucket: String,
    store: Arc<dyn ObjectStore>,
    client: Client,
    retry: RetryConfig,
}

impl fmt::Debug for CloudBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudBackend")
            .field("service", &self.service)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

/// How a failed request is sent again: as the S3 store does.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 10,
        retry_timeout: Duration::from_secs(30),
    }
}

/// One attempt at a time: what comes next is decided here, where each answer is seen.
fn no_retries() -> RetryConfig {
    RetryConfig {
        max_retries: 0,
        ..RetryConfig::default()
    }
}

impl CloudBackend {
    fn new(
        service: impl Service + 'static,
        bucket: String,
        store: impl ObjectStore,
        http: HttpClient,
    ) -> Self {
        Self {
            service: Box::new(service),
            bucket,
            store: Arc::new(store),
            client: Client(http),
            retry: retries(),
        }
    }

    fn url(&self) -> String {
        format!("{}/{}", self.service.endpoint(), self.bucket)
    }

    fn object_url(&self, key: &str) -> String {
        format!("{}/{}", self.url(), client::encode_key(key))
    }

    fn fail(&self, failure: Failure) -> StoreError {
        failure.into_error(&self.bucket)
    }

    /// Sends a request that changes nothing, or the same however often it is sent, until it
    /// succeeds or it is no use to try again.
    async fn ask(
        &self,
        call: &Call,
        meter: &Meter,
    ) -> std::result::Result<(Answer, Bytes), Failure> {
        let mut retry = Retry::new(&self.retry);
        loop {
            let failure = match self.client.send(&*self.service, call, meter).await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            if !retry.again(&failure).await {
                return Err(failure);
            }
        }
    }

    /// Sends a write that may be sent any number of times. It is refused only if no attempt can
    /// have been applied, else in doubt.
    async fn change(&self, call: &Call, meter: &Meter) -> std::result::Result<Answer, StoreError> {
        let mut retry = Retry::new(&self.retry);
        let mut doubt = Fate::Void;
        loop {
            let failure = match self.client.send(&*self.service, call, meter).await {
                Ok((answer, _)) => return Ok(answer),
                Err(failure) => failure,
            };
            doubt = doubt.max(failure.fate());
            if retry.again(&failure).await {
                continue;
            }
            return Err(match doubt {
                Fate::Void => self.fail(failure),
                doubt => self.in_doubt(doubt, failure),
            });
        }
    }

    /// The error of a write of which it can't be told whether it took effect.
    fn in_doubt(&self, doubt: Fate, failure: Failure) -> StoreError {
        let what = match doubt {
            Fate::Open => "an attempt got no answer and may yet be carried out",
            _ => "an attempt got no clear answer and may have been carried out",
        };
        StoreError::new(Reason::Indeterminate, what).with_source(self.fail(failure))
    }

    async fn put_once(
        &self,
        path: &Path,
        body: Bytes,
        request: PutRequest,
        meter: &Meter,
    ) -> std::result::Result<Version, Failure> {
        let options = PutOptions {
            mode: match request.condition {
                Condition::None => PutMode::Overwrite,
                Condition::Absent => PutMode::Create,
                Condition::Unchanged(version) => PutMode::Update(version.into()),
            },
            tags: request.tags,
            attributes: request.attributes,
            ..PutOptions::default()
        };
        let note = Note::new(RequestClass::Put, meter);
        let payload = PutPayload::from_bytes(body);
        let put = note.with(self.store.put_opts(path, payload, options));
        let put = put.await.map_err(|error| Failure::new(&note, error))?;
        Ok(self.service.version(put.e_tag, put.version))
    }

    /// What became of a write whose last attempt failed so, and of which earlier ones, or this one, may
    /// have been applied.
    async fn find_out(
        &self,
        path: &str,
        operation: &Operation,
        condition: &Condition,
        doubt: Fate,
        failure: Failure,
        meter: &Meter,
    ) -> Result<Version> {
        let over = doubt < Fate::Open;
        match self.head(path, meter).await {
            Ok((entry, found)) => match operation.trace(&found) {
                Trace::Applied => Ok(entry.version),
                Trace::Replaced => Ok(Version::replaced()),
                Trace::Beaten => Err(changed()),
                // What was read is still there: it was not applied.
                Trace::None if over && *condition == Condition::Unchanged(entry.version) => {
                    Err(self.not_applied(condition, failure))
                }
                Trace::None => Err(self.in_doubt(doubt, failure)),
            },
            Err(absent)
                if over
                    && absent.reason() == Reason::NotFound
                    && *condition == Condition::Absent =>
            {
                Err(self.not_applied(condition, failure))
            }
            Err(_) => Err(self.in_doubt(doubt, failure)),
        }
    }

    fn not_applied(&self, condition: &Condition, failure: Failure) -> StoreError {
        match condition {
            Condition::Absent if failure.is_refusal() => StoreError::already_exists(),
            Condition::Unchanged(_) if failure.is_refusal() => changed(),
            // The object that was to be written over is gone.
            Condition::Unchanged(_) if is_missing_object(&failure) => changed(),
            _ => self.fail(failure),
        }
    }

    fn entry(&self, meta: ObjectMeta, note: &Note) -> ObjectEntry {
        let class = match note.take() {
            Some(wire::Exchange::Answered(answer)) => {
                wire::header(&answer.headers, &self.service.storage_class())
            }
            _ => None,
        };
        ObjectEntry {
            key: meta.location.into(),
            size: meta.size,
            last_modified: meta.last_modified,
            version: self.service.version(meta.e_tag, meta.version),
            storage_class: class,
        }
    }

    async fn get_once(
        &self,
        path: &Path,
        head: bool,
        meter: &Meter,
    ) -> std::result::Result<Object, Failure> {
        let class = match head {
            true => RequestClass::Head,
            false => RequestClass::Get,
        };
        let note = Note::new(class, meter);
        let options = GetOptions {
            head,
            ..GetOptions::default()
        };
        let got = note.with(self.store.get_opts(path, options)).await;
        let got = got.map_err(|error| Failure::new(&note, error))?;
        if head {
            return Ok(Object {
                entry: self.entry(got.meta, &note),
                attributes: got.attributes,
                body: Bytes::new(),
            });
        }
        let (meta, attributes, unread) = download::open(got);
        let body = download::read(unread, meta.size, meter).await;
        let body = body.map_err(Failure::Unsent)?;
        let body = body.map_err(|error| Failure::Garbled(Box::new(error)))?;
        Ok(Object {
            entry: self.entry(meta, &note),
            attributes,
            body,
        })
    }

    async fn read(&self, path: &str, head: bool, meter: &Meter) -> Result<Object> {
        let path = Path::parse(path)?;
        let mut retry = Retry::new(&self.retry);
        loop {
            let failure = match self.get_once(&path, head, meter).await {
                Ok(object) => return Ok(object),
                Err(failure) => failure,
            };
            if !retry.again(&failure).await {
                return Err(self.fail(failure));
            }
        }
    }

    /// Waits for a copy that the server goes on with after its answer.
    async fn await_copy(&self, to: &str, answer: Answer, meter: &Meter) -> Result<()> {
        let Some(header) = self.service.copy_status() else {
            return Ok(());
        };
        let mut headers = answer.headers;
        let mut pause = Duration::from_millis(50);
        loop {
            match wire::header(&headers, &header).as_deref() {
                None | Some("success") => return Ok(()),
                Some("pending") => tokio::time::sleep(pause).await,
                Some(status) => {
                    return Err(StoreError::new(
                        Reason::Other,
                        format!("the store gave the copy up ({status})"),
                    ));
                }
            }
            pause = (pause * 2).min(Duration::from_secs(5));
            let call = Call::new(RequestClass::Head, Method::HEAD, self.object_url(to));
            let answer = self.ask(&call, meter).await;
            headers = answer.map_err(|failure| self.fail(failure))?.0.headers;
        }
    }
}

/// The object is no longer the one that was read.
fn changed() -> StoreError {
    StoreError::new(Reason::Changed, "the object is another by now, or gone")
}

fn is_missing_object(failure: &Failure) -> bool {
    failure.status() == Some(StatusCode::NOT_FOUND) && !is_missing_bucket(failure)
}

fn is_missing_bucket(failure: &Failure) -> bool {
    let code = failure.answer().and_then(|answer| answer.code.as_deref());
    matches!(code, Some("ContainerNotFound" | "NoSuchBucket"))
}

#[async_trait]
impl Backend for CloudBackend {
    fn traits(&self) -> Traits {
        Traits {
            name: self.service.name(),
            seeks: self.service.seeks(),
            delimiter: true,
            bulk_delete: false,
            attributes: true,
            remote: true,
            conditions: match self.service.is_the_cloud() {
                true => Conditions::Assumed,
                false => Conditions::Checked,
            },
            conditional_delete: true,
        }
    }

    fn server_id(&self) -> String {
        format!("{} {}", self.service.name(), self.service.endpoint())
    }

    async fn list(&self, request: ListRequest, meter: &Meter) -> Result<ListPage> {
        let query = self.service.list_query(&request);
        let url = format!("{}?{}", self.url(), client::encode_query(&query));
        let call = Call::new(RequestClass::List, Method::GET, url);
        let (_, body) = self.ask(&call, meter).await.map_err(|f| self.fail(f))?;
        let page = self.service.parse_list(&body);
        page.map_err(|error| StoreError::new(Reason::Other, error.to_string()))
    }

    async fn get(&self, path: &str, meter: &Meter) -> Result<Object> {
        let object = self.read(path, false, meter).await?;
        meter.read(object.body.len() as u64);
        Ok(object)
    }

    async fn head(&self, path: &str, meter: &Meter) -> Result<(ObjectEntry, Attributes)> {
        let object = self.read(path, true, meter).await?;
        Ok((object.entry, object.attributes))
    }

    async fn put(
        &self,
        path: &str,
        body: Bytes,
        mut request: PutRequest,
        meter: &Meter,
    ) -> Result<Version> {
        self.service.check(&request)?;
        let location = Path::parse(path)?;
        let operation = match &request.condition {
            Condition::None => None,
            condition => {
                self.service
                    .condition(condition)
                    .ok_or_else(unknown_version)?;
                Some(Operation::mark(&mut request))
            }
        };
        meter.wrote(body.len() as u64);
        let mut retry = Retry::new(&self.retry);
        let mut doubt = Fate::Void;
        loop {
            let attempt = self.put_once(&location, body.clone(), request.clone(), meter);
            let failure = match attempt.await {
                Ok(version) => return Ok(version),
                Err(failure) => failure,
            };
            doubt = doubt.max(failure.fate());
            if retry.again(&failure).await {
                continue;
            }
            return match (doubt, &operation) {
                (Fate::Void, _) => Err(self.not_applied(&request.condition, failure)),
                (doubt, None) => Err(self.in_doubt(doubt, failure)),
                (doubt, Some(operation)) => {
                    let condition = &request.condition;
                    self.find_out(path, operation, condition, doubt, failure, meter)
                        .await
                }
            };
        }
    }

    async fn delete(&self, path: &str, version: Option<&Version>, meter: &Meter) -> Result<()> {
        if path.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(StoreError::unsupported(
                "no request can name an object whose key has a segment `.` or `..`",
            ));
        }
        let mut call = Call::new(RequestClass::Delete, Method::DELETE, self.object_url(path));
        if let Some(version) = version {
            let condition = Condition::Unchanged(version.clone());
            let condition = self.service.condition(&condition);
            let (name, value) = condition.ok_or_else(unknown_version)?;
            call = call.header(name, &value)?;
        }
        let mut retry = Retry::new(&self.retry);
        let mut doubt = Fate::Void;
        loop {
            let failure = match self.client.send(&*self.service, &call, meter).await {
                Ok(_) => return Ok(()),
                Err(failure) => failure,
            };
            let gone = is_missing_object(&failure);
            if gone && version.is_none() {
                return Ok(());
            }
            if gone && doubt > Fate::Void {
                // By an earlier attempt of this delete, or by another's.
                return Err(self.in_doubt(doubt, failure));
            }
            if gone || (version.is_some() && failure.is_refusal()) {
                return Err(changed());
            }
            doubt = doubt.max(failure.fate());
            if retry.again(&failure).await {
                continue;
            }
            return Err(match doubt {
                Fate::Void => self.fail(failure),
                doubt => self.in_doubt(doubt, failure),
            });
        }
    }

    async fn delete_many(&self, deletions: &[Deletion], meter: &Meter) -> Vec<Result<()>> {
        stream::iter(deletions.to_vec())
            .map(|Deletion { key, version }| async move {
                let deleted = self.delete(&key, version.as_ref(), meter).await;
                match deleted {
                    Err(error) if error.reason() == Reason::Indeterminate => {
                        // Gone is gone, whoever did it.
                        match self.head(&key, meter).await {
                            Err(absent) if absent.reason() == Reason::NotFound => Ok(()),
                            _ => Err(error),
                        }
                    }
                    deleted => deleted,
                }
            })
            .buffered(DELETES_AT_ONCE)
            .collect()
            .await
    }

    async fn copy(
        &self,
        source: &Arc<dyn Backend>,
        from: &str,
        to: &str,
        condition: Condition,
        meter: &Meter,
    ) -> Result<Copied> {
        let source = source.as_any().downcast_ref::<Self>();
        let source =
            source.ok_or_else(|| StoreError::unsupported("the source is another store"))?;
        let mut call = Call::new(RequestClass::Copy, Method::PUT, self.object_url(to));
        let (name, value) = self.service.copy_source(&source.object_url(from));
        call = call.header(name, &value)?;
        if condition != Condition::None {
            let header = self.service.condition(&condition);
            let (name, value) = header.ok_or_else(unknown_version)?;
            call = call.header(name, &value)?;
        }
        let answer = match condition {
            Condition::None => self.change(&call, meter).await?,
            _ => match self.client.send(&*self.service, &call, meter).await {
                Ok((answer, _)) => answer,
                Err(failure) if failure.fate() == Fate::Void => {
                    return Err(match &condition {
                        // The source, not what was to be written over.
                        _ if is_missing_object(&failure) => StoreError::not_found(),
                        condition => self.not_applied(condition, failure),
                    });
                }
                Err(failure) => return Err(self.in_doubt(failure.fate(), failure)),
            },
        };
        self.await_copy(to, answer, meter).await?;
        Ok(Copied::default())
    }

    async fn create(&self, meter: &Meter) -> Result<()> {
        let call = self.service.create(self.url());
        match self.ask(&call, meter).await {
            Ok(_) => Ok(()),
            Err(failure) => {
                let code = failure.answer().and_then(|answer| answer.code.as_deref());
                match code.is_some_and(|code| self.service.ours_already().contains(&code)) {
                    true => Ok(()),
                    false => Err(self.fail(failure)),
                }
            }
        }
    }

    async fn exists(&self, meter: &Meter) -> Result<bool> {
        let call = self.service.exists(self.url());
        match self.ask(&call, meter).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => Ok(false),
            Err(failure) => Err(self.fail(failure)),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn unknown_version() -> StoreError {
    StoreError::unsupported("the store did not tell which version was read")
}

/// At most this many keys are asked for in one LIST.
fn page_size(request: &ListRequest) -> String {
    let size = request.max_keys.unwrap_or(PAGE_SIZE).min(PAGE_SIZE);
    size.to_string()
}
