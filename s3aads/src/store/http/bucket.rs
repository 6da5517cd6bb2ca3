//! One bucket: how its objects are written, read, deleted and listed.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::HeaderName;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetOptions, ObjectMeta, ObjectStore, PutMode, PutOptions, PutPayload,
};

#[cfg(any(feature = "gcs", feature = "azure"))]
use super::no_retry;
use super::retry::{GivenUp, Verdict, attempts, retrying, verdict};
use super::wire::RequestContext;
use super::{
    Answer, Call, Client, Failure, Fate, Malformed, Protocol, encode_key, encode_query, xml,
};
use crate::store::operation::Operation;
use crate::store::{
    Condition, ListPage, ListRequest, Meter, Object, ObjectEntry, PageToken, PutRequest, Reason,
    RequestClass, Result, StoreError, Version, download,
};

/// One bucket or container, and what sends to it.
#[derive(Clone)]
pub(crate) struct Bucket {
    pub name: String,
    /// The bucket's URL, without a trailing slash.
    pub url: String,
    pub store: Arc<dyn ObjectStore>,
    pub client: Client,
    pub protocol: Arc<dyn Protocol>,
}

/// What a HEAD tells.
#[derive(Debug)]
pub(crate) struct Seen {
    pub entry: ObjectEntry,
    pub attributes: Attributes,
    /// When the server answered, by its own clock.
    pub date: Option<DateTime<Utc>>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({:?} at {:?})", self.name, self.url)
    }
}

impl Bucket {
    /// The error for the layers above.
    pub(crate) fn fail(&self, failure: Failure) -> StoreError {
        failure.into_error(&self.url, &self.name, &*self.protocol)
    }

    /// The URL of an object.
    pub(crate) fn object_url(&self, key: &str) -> String {
        format!("{}/{}", self.url, encode_key(key))
    }

    /// The same bucket for what must not be sent twice.
    #[cfg(any(feature = "gcs", feature = "azure"))]
    pub(crate) fn once(&self) -> Self {
        let mut once = self.clone();
        once.client.retry = no_retry();
        once
    }

    /// Sends a write until it succeeds or it is no use to try again.
    pub(crate) async fn writing<T, F>(
        &self,
        condition: &Condition,
        attempt: impl FnMut() -> F + Send,
    ) -> std::result::Result<T, GivenUp>
    where
        F: Future<Output = std::result::Result<T, Failure>> + Send,
    {
        let judge = |failure: &Failure| verdict(failure, condition, &*self.protocol);
        attempts(&self.client.retry, 0, judge, attempt).await
    }

    /// Writes an object; `mode` is the request's condition as the store takes it.
    pub(crate) async fn put(
        &self,
        path: &str,
        body: Bytes,
        mut request: PutRequest,
        mode: PutMode,
        meter: &Meter,
    ) -> Result<Version> {
        check_attributes(&request.attributes)?;
        let location = location(path)?;
        let conditional = request.condition != Condition::None;
        let operation = conditional.then(|| Operation::mark(&mut request));
        let (condition, once) = (&request.condition, request.once);
        let judge = |failure: &Failure| match failure.fate() {
            // What may have been applied stands in its own way from now on.
            Fate::Settled | Fate::Open if once => Verdict::Refused,
            _ => verdict(failure, condition, &*self.protocol),
        };
        let sent = attempts(&self.client.retry, 0, judge, || {
            self.put_once(&location, body.clone(), &request, mode.clone(), meter)
        });
        match sent.await {
            Ok(version) => Ok(version),
            // Boxed, as it is rare and would make every call's future twice as large.
            Err(given_up) => {
                let (operation, condition) = (operation.as_ref(), &request.condition);
                Box::pin(self.outcome(path, operation, condition, given_up, meter)).await
            }
        }
    }

    /// One attempt. A success bears the new object's ETag: whatever answers without one is no store,
    /// and `object_store` says so.
    async fn put_once(
        &self,
        location: &Path,
        body: Bytes,
        request: &PutRequest,
        mode: PutMode,
        meter: &Meter,
    ) -> std::result::Result<Version, Failure> {
        let context = RequestContext::new(RequestClass::Put, meter, body.clone());
        let length = body.len() as u64;
        let options = PutOptions {
            mode,
            tags: request.tags.clone(),
            attributes: request.attributes.clone(),
            extensions: context.extensions(),
        };
        let payload = PutPayload::from_bytes(body);
        let put = self.store.put_opts(location, payload, options).await;
        let put = match put {
            Ok(put) => context.answer().map(|_| put),
            Err(error) => Err(Failure::new(error, &context)),
        };
        if !matches!(put, Err(Failure::Unsent(_))) {
            meter.wrote(length);
        }
        put.map(|put| self.protocol.version(put.e_tag, put.version))
    }

    /// Reads an object, by a request that is sent again if that may help.
    #[cfg(any(feature = "gcs", feature = "azure"))]
    pub(crate) async fn get(&self, path: &str, meter: &Meter) -> Result<Object> {
        let location = location(path)?;
        let got = retrying(&self.client.retry, || self.get_once(path, &location, meter));
        let (object, _) = got.await.map_err(|failure| self.fail(failure))?;
        Ok(object)
    }

    /// One attempt to read an object.
    pub(crate) async fn get_once(
        &self,
        path: &str,
        location: &Path,
        meter: &Meter,
    ) -> std::result::Result<(Object, Box<Answer>), Failure> {
        let context = RequestContext::new(RequestClass::Get, meter, Bytes::new());
        let options = GetOptions {
            extensions: context.extensions(),
            ..GetOptions::default()
        };
        let result = self.store.get_opts(location, options).await;
        let result = result.map_err(|error| Failure::new(error, &context))?;
        let answer = context.answer()?;
        let (meta, attributes, unread) = download::open(result);
        let entry = self.entry(path, meta, &answer)?;
        let body = download::read(unread, entry.size, meter).await;
        let body = body.map_err(Failure::Unsent)?;
        let body = body.map_err(|error| Failure::Garbled(Box::new(error)))?;
        let length = body.len() as u64;
        meter.read(length);
        if length != entry.size {
            return Err(Failure::garbled(Malformed::new(format!(
                "{} bytes were announced and {length} came",
                entry.size
            ))));
        }
        let object = Object {
            entry,
            attributes,
            body,
        };
        Ok((object, answer))
    }

    /// What a HEAD tells of an object.
    pub(crate) async fn head(
        &self,
        path: &str,
        meter: &Meter,
    ) -> std::result::Result<Seen, Failure> {
        let location = location(path).map_err(Failure::Unsent)?;
        retrying(&self.client.retry, || async {
            let context = RequestContext::new(RequestClass::Head, meter, Bytes::new());
            let options = GetOptions {
                head: true,
                extensions: context.extensions(),
                ..GetOptions::default()
            };
            let result = self.store.get_opts(&location, options).await;
            let result = result.map_err(|error| Failure::new(error, &context))?;
            let answer = context.answer()?;
            Ok(Seen {
                date: answer.date(),
                entry: self.entry(path, result.meta, &answer)?,
                attributes: result.attributes,
            })
        })
        .await
    }

    /// What an answer tells of an object. Whatever tells no ETag is no object: any web server has some
    /// page for any path.
    fn entry(
        &self,
        path: &str,
        meta: ObjectMeta,
        answer: &Answer,
    ) -> std::result::Result<ObjectEntry, Failure> {
        if meta.e_tag.as_deref().is_none_or(str::is_empty) {
            return Err(Failure::garbled(Malformed::new("an object has no ETag")));
        }
        let class = answer.header(self.protocol.storage_class());
        Ok(ObjectEntry {
            key: path.to_owned(),
            size: meta.size,
            last_modified: meta.last_modified,
            version: self.protocol.version(meta.e_tag, meta.version),
            storage_class: class.map(str::to_owned),
        })
    }

    /// Deletes the object `key` by `call`, which bears the condition.
    pub(crate) async fn delete(
        &self,
        call: &Call,
        key: &str,
        condition: &Condition,
        meter: &Meter,
    ) -> Result<()> {
        let always = *condition == Condition::None;
        let sent = self.writing(condition, || async move {
            match self.client.attempt(call, meter, &xml::expect_done).await {
                // Some stores say so where Amazon calls it done.
                Err(failure) if always && failure.is_missing_object() => Ok(()),
                deleted => deleted,
            }
        });
        match sent.await {
            Ok(()) => Ok(()),
            Err(given_up) => Box::pin(self.outcome(key, None, condition, given_up, meter))
                .await
                .map(drop),
        }
    }

    /// One page of a listing, as the server gave it: that it kept to `start_after` is for the caller
    /// to see.
    pub(crate) async fn page(
        &self,
        request: &ListRequest,
        query: &[(&str, &str)],
        parse: fn(&[u8]) -> std::result::Result<ListPage, Malformed>,
        meter: &Meter,
    ) -> std::result::Result<ListPage, Failure> {
        let url = format!("{}?{}", self.url, encode_query(query));
        let call = &Call::new(RequestClass::List, http::Method::GET, url);
        let read = &|body: &[u8]| {
            let page = parse(body)?;
            match (&page.next, &request.token) {
                // The page before this one, once more: to follow it would go round in a circle.
                (Some(PageToken::Server(next)), Some(PageToken::Server(token)))
                    if next == token =>
                {
                    Err(Malformed::new("a listing does not advance"))
                }
                _ => Ok(page),
            }
        };
        let slowed = &AtomicBool::new(false);
        let mut page = retrying(&self.client.retry, || async move {
            let page = self.client.attempt(call, meter, read).await;
            page.inspect_err(|failure| {
                slowed.fetch_or(failure.is_throttled(), Ordering::Relaxed);
            })
        })
        .await?;
        page.slowed = slowed.load(Ordering::Relaxed);
        Ok(page)
    }

    /// Whether the bucket is there, as `call` asks.
    pub(crate) async fn exists(&self, call: &Call, meter: &Meter) -> Result<bool> {
        let asked = retrying(&self.client.retry, || async {
            let (answer, _) = self.client.send(call, meter).await?;
            if answer.is_page() {
                return Err(Failure::garbled(Malformed::new("a web page is no bucket")));
            }
            Ok(())
        });
        match asked.await {
            Ok(()) => Ok(true),
            Err(failure) if failure.is_missing() => Ok(false),
            Err(failure) => Err(self.fail(failure)),
        }
    }
}

/// `path` for `object_store`, which would drop slashes at the ends and so name another object.
pub(crate) fn location(path: &str) -> Result<Path> {
    let location = Path::parse(path)?;
    if location.as_ref() == path && !path.is_empty() {
        Ok(location)
    } else {
        Err(StoreError::new(
            Reason::InvalidKey,
            format!("{path:?} is not the key of a row"),
        ))
    }
}

/// What can't stand in a header would make `object_store` panic.
fn check_attributes(attributes: &Attributes) -> Result<()> {
    for (attribute, value) in attributes {
        if let Attribute::Metadata(name) = attribute
            && HeaderName::from_bytes(name.as_bytes()).is_err()
        {
            return Err(StoreError::unsupported(format!(
                "{name:?} is no name for user metadata"
            )));
        }
        if !value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Err(StoreError::unsupported(format!(
                "the value of {attribute:?} can't be sent: a header holds printable ASCII only"
            )));
        }
    }
    Ok(())
}
