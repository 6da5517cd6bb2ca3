//! Azure Blob Storage and Google Cloud Storage.
//!
//! What they share with S3 is in [`http`](super::http); a [`Service`] knows what tells the two apart.

#[cfg(feature = "azure")]
mod azure;
mod credentials;
#[cfg(feature = "gcs")]
mod gcs;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Method;
use http::header::HeaderName;
use object_store::client::HttpConnector;
use object_store::{Attributes, ClientOptions, ObjectStore, PutMode};
use tokio::time::Instant;

#[cfg(feature = "azure")]
pub(crate) use azure::open as open_azure;
#[cfg(feature = "gcs")]
pub(crate) use gcs::open as open_gcs;

use super::http::{
    Answer, Bucket, Call, Client, Connected, Failure, Fate, Malformed, Protocol, Wire,
    default_retry, retrying, xml,
};
use super::{
    Backend, Condition, Conditions, Copied, Features, ListPage, ListRequest, Meter, Object,
    ObjectEntry, PutRequest, Reason, RequestClass, Result, StoreError, Version,
};

/// A store that copies for longer than this is not waited for. Within one account a row is copied at once.
const COPY_PATIENCE: Duration = Duration::from_secs(300);

/// Settings by the names that `object_store` knows them by.
pub(crate) type Settings = [(String, String)];

/// What tells one cloud's store from the other's.
trait Service: Protocol {
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

    /// The query of a LIST.
    fn list_query<'a>(
        &self,
        request: &'a ListRequest,
        max_keys: &'a Option<String>,
    ) -> Vec<(&'a str, &'a str)>;

    /// What a LIST answers.
    fn parse_list(&self) -> fn(&[u8]) -> std::result::Result<ListPage, Malformed>;

    /// A request that makes the bucket at this URL or asks for it.
    fn bucket_call(&self, class: RequestClass, method: Method, url: &str) -> Result<Call>;

    /// The code by which a request to make the bucket says that it is there, and ours.
    fn ours_already(&self) -> &'static str;

    /// The header that makes a request conditional; none if the version is not known.
    fn condition(&self, condition: &Condition) -> Option<(HeaderName, String)>;

    /// The header that names a copy's source, whose URL this is.
    fn copy_source(&self, url: &str) -> (HeaderName, String);

    /// Whether a success is an answer to a copy.
    fn is_copied(&self, answer: &Answer, body: &[u8]) -> bool;

    /// The header that says how far a copy got, if it may go on after the answer.
    fn copy_status(&self) -> Option<&'static HeaderName> {
        None
    }

    /// Refuses what can't go with a write here.
    fn check(&self, request: &PutRequest) -> Result<()>;
}

/// One bucket or container.
#[derive(Debug)]
pub(crate) struct CloudBackend {
    service: Arc<dyn Service>,
    bucket: Bucket,
}

impl CloudBackend {
    /// The bucket of this name, whose `object_store` is made by `build`.
    fn open<S: ObjectStore>(
        service: impl Service,
        bucket: &str,
        connector: Arc<dyn HttpConnector>,
        options: &ClientOptions,
        build: impl FnOnce(Connected) -> object_store::Result<S>,
    ) -> object_store::Result<Self> {
        let service = Arc::new(service);
        let protocol: Arc<dyn Protocol> = Arc::clone(&service) as _;
        let wire = Wire {
            connector,
            protocol: Arc::clone(&protocol),
        };
        let http = wire.connect(options)?;
        let store = build(Connected(http.clone()))?;
        let bucket = Bucket {
            name: bucket.to_owned(),
            url: format!("{}/{bucket}", service.endpoint()),
            store: Arc::new(store),
            client: Client {
                http,
                retry: default_retry(),
            },
            protocol,
        };
        Ok(Self { service, bucket })
    }

    /// The condition as a header of `call`.
    fn on_condition(&self, call: Call, condition: &Condition) -> Result<Call> {
        if *condition == Condition::None {
            return Ok(call);
        }
        let header = self.service.condition(condition);
        let (name, value) = header.ok_or_else(unknown_version)?;
        call.header(name, &value)
    }

    /// Waits for a copy that the server goes on with after its answer.
    async fn await_copy(&self, to: &str, mut answer: Box<Answer>, meter: &Meter) -> Result<()> {
        let Some(header) = self.service.copy_status() else {
            return Ok(());
        };
        let url = self.bucket.object_url(to);
        let call = &Call::new(RequestClass::Head, Method::HEAD, url);
        let began = Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            match answer.header(header) {
                // Another write has taken the copy's place.
                None | Some("success") => return Ok(()),
                Some("pending") if began.elapsed() < COPY_PATIENCE => {
                    tokio::time::sleep(pause).await;
                }
                Some("pending") => {
                    let what = format!(
                        "the store was still copying after {} seconds",
                        COPY_PATIENCE.as_secs()
                    );
                    return Err(StoreError::new(Reason::Indeterminate, what));
                }
                Some(status) => {
                    return Err(StoreError::new(
                        Reason::Other,
                        format!("the store gave the copy up ({status})"),
                    ));
                }
            }
            pause = (pause * 2).min(Duration::from_secs(5));
            let client = &self.bucket.client;
            let asked = retrying(&client.retry, || client.send(call, meter)).await;
            let asked = asked.map_err(|failure| {
                let what = "the store copies, and can't be asked how far it got";
                StoreError::new(Reason::Indeterminate, what).with_source(self.bucket.fail(failure))
            });
            answer = asked?.0;
        }
    }
}

#[async_trait]
impl Backend for CloudBackend {
    fn features(&self) -> Features {
        Features {
            name: self.service.name(),
            seeks: self.service.seeks(),
            delimiter: true,
            bulk_delete: false,
            attributes: true,
            remote: true,
            conditions: if self.service.is_the_cloud() {
                Conditions::Assumed
            } else {
                Conditions::Checked
            },
            conditional_delete: true,
        }
    }

    fn server_id(&self) -> String {
        format!("{} {}", self.service.name(), self.service.endpoint())
    }

    async fn list(&self, request: ListRequest, meter: &Meter) -> Result<ListPage> {
        let max_keys = request.max_keys.map(|max| max.to_string());
        let query = self.service.list_query(&request, &max_keys);
        let parse = self.service.parse_list();
        let page = self.bucket.page(&request, &query, parse, meter).await;
        page.map_err(|failure| self.bucket.fail(failure))
    }

    async fn get(&self, path: &str, meter: &Meter) -> Result<Object> {
        self.bucket.get(path, meter).await
    }

    async fn head(&self, path: &str, meter: &Meter) -> Result<(ObjectEntry, Attributes)> {
        let seen = self.bucket.head(path, meter).await;
        let seen = seen.map_err(|failure| self.bucket.fail(failure))?;
        Ok((seen.entry, seen.attributes))
    }

    async fn put(
        &self,
        path: &str,
        body: Bytes,
        request: PutRequest,
        meter: &Meter,
    ) -> Result<Version> {
        self.service.check(&request)?;
        let condition = &request.condition;
        if *condition != Condition::None && self.service.condition(condition).is_none() {
            return Err(unknown_version());
        }
        let mode = match condition.clone() {
            Condition::None => PutMode::Overwrite,
            Condition::Absent => PutMode::Create,
            Condition::Unchanged(version) => PutMode::Update(version.into()),
        };
        self.bucket.put(path, body, request, mode, meter).await
    }

    async fn delete(&self, path: &str, version: Option<&Version>, meter: &Meter) -> Result<()> {
        if path.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(StoreError::unsupported(
                "no request can name an object whose key has a segment `.` or `..`",
            ));
        }
        let url = self.bucket.object_url(path);
        let call = Call::new(RequestClass::Delete, Method::DELETE, url);
        let condition = Condition::of(version);
        let call = self.on_condition(call, &condition)?;
        self.bucket.delete(&call, path, &condition, meter).await
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
        let url = self.bucket.object_url(to);
        let (name, value) = self.service.copy_source(&source.bucket.object_url(from));
        let call = Call::new(RequestClass::Copy, Method::PUT, url).header(name, &value)?;
        let call = self.on_condition(call, &condition)?;
        // Nothing tells whose a copy is, so one on a condition must not be sent twice.
        let bucket = match condition {
            Condition::None => self.bucket.clone(),
            _ => self.bucket.once(),
        };
        let (call, service) = (&call, &self.service);
        let sent = bucket.writing(&condition, || async {
            let (answer, body) = bucket.client.send(call, meter).await?;
            if service.is_copied(&answer, &body) {
                return Ok(answer);
            }
            let what = "a success does not say that anything was copied";
            Err(Failure::garbled(Malformed::new(what)))
        });
        let answer = match sent.await {
            Ok(answer) => answer,
            // The source, not what was to be written over.
            Err(given_up)
                if given_up.fate == Fate::Void && given_up.failure.is_missing_object() =>
            {
                return Err(StoreError::not_found());
            }
            Err(given_up) => {
                let outcome = bucket.outcome(to, None, &condition, given_up, meter);
                return outcome.await.map(|_| Copied::default());
            }
        };
        self.await_copy(to, answer, meter).await?;
        Ok(Copied::default())
    }

    async fn create(&self, meter: &Meter) -> Result<()> {
        let (class, method) = (RequestClass::Put, Method::PUT);
        let call = self.service.bucket_call(class, method, &self.bucket.url)?;
        match self.bucket.client.ask(&call, meter, xml::expect_done).await {
            Err(failure) if failure.code() == Some(self.service.ours_already()) => Ok(()),
            created => created.map_err(|failure| self.bucket.fail(failure)),
        }
    }

    async fn exists(&self, meter: &Meter) -> Result<bool> {
        let (class, method) = (RequestClass::Head, Method::HEAD);
        let call = self.service.bucket_call(class, method, &self.bucket.url)?;
        self.bucket.exists(&call, meter).await
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn unknown_version() -> StoreError {
    StoreError::unsupported("the store did not tell which version was read")
}
