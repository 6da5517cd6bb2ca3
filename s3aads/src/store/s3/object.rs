//! One object: GET, HEAD, unconditional PUT and DELETE.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::HeaderName;
use http::{Extensions, Method};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetOptions, ObjectMeta, ObjectStore, PutMode, PutOptions, PutPayload,
};

use super::S3Backend;
use super::client::{Call, encode_key};
use super::failure::Failure;
use super::retry::retrying;
use super::wire::{Exchange, Trail};
use super::xml::Malformed;
use crate::store::{Meter, Object, ObjectEntry, PutAnswer, PutRequest, RequestClass};

/// What a HEAD tells.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) entry: ObjectEntry,
    pub(super) attributes: Attributes,
    /// When the server answered, by its own clock.
    pub(super) date: Option<DateTime<Utc>>,
}

impl S3Backend {
    pub(super) async fn get_object(&self, path: &str, meter: &Meter) -> Result<Object, Failure> {
        let location = location(path)?;
        let location = &location;
        retrying(&self.server.0.client.retry, || async move {
            let (first, doubted) = self.get_once(path, location, meter).await?;
            if !doubted {
                return Ok(first);
            }
            let (second, doubted) = self.get_once(path, location, meter).await?;
            if doubted && first.body != second.body {
                return Err(Failure::garbled(Malformed::new(
                    "the object's body came twice and differed",
                )));
            }
            if doubted {
                self.e_tags.confirm();
            }
            Ok(second)
        })
        .await
    }

    /// One attempt of a GET, and whether its body may have been changed on the way.
    async fn get_once(
        &self,
        path: &str,
        location: &Path,
        meter: &Meter,
    ) -> Result<(Object, bool), Failure> {
        let trail = Trail::default();
        let options = GetOptions {
            extensions: extensions(meter, &trail),
            ..GetOptions::default()
        };
        let fail = |error| Failure::from_store(error, &trail);
        let result = self.store.get_opts(location, options).await.map_err(fail)?;
        let attributes = result.attributes.clone();
        let entry = entry(path, result.meta.clone(), &trail);
        let body = result.bytes().await.map_err(fail)?;
        let length = body.len() as u64;
        meter.read(length);
        if length != entry.size {
            return Err(Failure::garbled(Malformed::new(format!(
                "{} bytes were announced and {length} came",
                entry.size
            ))));
        }
        let opaque = match trail.last() {
            Some(Exchange::Answered(answer)) => answer.opaque_e_tag,
            _ => false,
        };
        let doubted = self.e_tags.doubt(&entry, &body, opaque);
        let object = Object {
            entry,
            attributes,
            body,
        };
        Ok((object, doubted))
    }

    pub(super) async fn head_object(&self, path: &str, meter: &Meter) -> Result<Seen, Failure> {
        let location = location(path)?;
        retrying(&self.server.0.client.retry, || async {
            let trail = Trail::default();
            let options = GetOptions {
                head: true,
                extensions: extensions(meter, &trail),
                ..GetOptions::default()
            };
            let result = self.store.get_opts(&location, options).await;
            let result = result.map_err(|error| Failure::from_store(error, &trail))?;
            let date = match trail.last() {
                Some(Exchange::Answered(answer)) => answer.date(),
                _ => None,
            };
            Ok(Seen {
                entry: entry(path, result.meta, &trail),
                attributes: result.attributes,
                date,
            })
        })
        .await
    }

    /// An unconditional PUT, which may be sent as often as it takes.
    pub(super) async fn put_object(
        &self,
        path: &str,
        body: Bytes,
        request: PutRequest,
        meter: &Meter,
    ) -> Result<PutAnswer, Failure> {
        check_attributes(&request.attributes)?;
        let location = location(path)?;
        self.writing(path, || {
            self.put_once(&location, body.clone(), &request, PutMode::Overwrite, meter)
        })
        .await
    }

    /// One attempt of a PUT.
    pub(super) async fn put_once(
        &self,
        location: &Path,
        body: Bytes,
        request: &PutRequest,
        mode: PutMode,
        meter: &Meter,
    ) -> Result<PutAnswer, Failure> {
        let trail = Trail::default();
        let length = body.len() as u64;
        let options = PutOptions {
            mode,
            tags: request.tags.clone(),
            attributes: request.attributes.clone(),
            extensions: extensions(meter, &trail),
        };
        let put = self
            .store
            .put_opts(location, PutPayload::from_bytes(body), options)
            .await;
        let exchange = trail.last();
        if matches!(exchange, Some(Exchange::Answered(_) | Exchange::Broken(_))) {
            meter.wrote(length);
        }
        match (put, exchange) {
            (Ok(result), _) => Ok(PutAnswer {
                e_tag: result.e_tag,
                version: result.version,
            }),
            // Written; that the answer lacks an ETag, which `object_store` insists on, does not
            // unwrite it.
            (Err(_), Some(Exchange::Answered(answer))) if answer.status.is_success() => {
                Ok(PutAnswer::default())
            }
            (Err(error), _) => Err(Failure::from_store(error, &trail)),
        }
    }

    pub(super) async fn delete_object(&self, path: &str, meter: &Meter) -> Result<(), Failure> {
        if !is_addressable(path) {
            // A URL can't name it, but the body of a bulk delete can.
            return self.delete_unaddressable(path, meter).await;
        }
        let url = format!("{}/{}", self.url, encode_key(path));
        let call = Call::new(RequestClass::Delete, Method::DELETE, url);
        let call = &call;
        self.writing(path, || async move {
            match self.server.0.client.send(call, meter).await {
                // Some stores say so where Amazon calls it done.
                Err(failure) if is_missing_key(&failure) => Ok(()),
                deleted => deleted.map(drop),
            }
        })
        .await
    }
}

fn is_missing_key(failure: &Failure) -> bool {
    failure.status() == Some(http::StatusCode::NOT_FOUND) && failure.code() != Some("NoSuchBucket")
}

/// Whether a URL can name the key: the empty one would be the bucket, and `.` and `..` segments
/// are resolved by whatever the URL passes through, encoded or not.
pub(super) fn is_addressable(key: &str) -> bool {
    !key.is_empty() && !key.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// `path` for `object_store`, which would drop slashes at the ends and so name another object.
pub(super) fn location(path: &str) -> Result<Path, Failure> {
    let location = Path::parse(path).map_err(|error| Failure::Local(error.into()))?;
    if location.as_ref() == path && !path.is_empty() {
        Ok(location)
    } else {
        Err(Failure::local(format!("{path:?} is not the key of a row")))
    }
}

/// What can't stand in a header would make `object_store` panic.
pub(super) fn check_attributes(attributes: &Attributes) -> Result<(), Failure> {
    for (attribute, value) in attributes {
        let name = match attribute {
            Attribute::Metadata(name) => format!("x-amz-meta-{name}"),
            _ => String::from("x-amz"),
        };
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(unfit(format!("{name:?} is no name for user metadata")));
        }
        if !value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Err(unfit(format!(
                "the value of {attribute:?} can't be sent: a header holds printable ASCII only"
            )));
        }
    }
    Ok(())
}

fn unfit(what: String) -> Failure {
    Failure::Local(object_store::Error::NotSupported {
        source: what.into(),
    })
}

fn extensions(meter: &Meter, trail: &Trail) -> Extensions {
    let mut extensions = Extensions::new();
    extensions.insert(meter.clone());
    extensions.insert(trail.clone());
    extensions
}

fn entry(path: &str, meta: ObjectMeta, trail: &Trail) -> ObjectEntry {
    let storage_class = match trail.last() {
        Some(Exchange::Answered(answer)) => answer.storage_class,
        _ => None,
    };
    ObjectEntry {
        key: path.to_owned(),
        size: meta.size,
        last_modified: meta.last_modified,
        e_tag: meta.e_tag,
        version: meta.version,
        storage_class,
    }
}
