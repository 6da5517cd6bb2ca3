//! One object: GET, HEAD, unconditional PUT and DELETE.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::Method;
use http::header::HeaderName;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, GetOptions, ObjectMeta, ObjectStore, PutMode, PutOptions, PutPayload,
};

use super::S3Backend;
use super::client::{Call, encode_key};
use super::failure::Failure;
use super::retry::retrying;
use super::wire::Trail;
use super::xml::Malformed;
use crate::store::{
    Meter, Object, ObjectEntry, PutRequest, RequestClass, StoreError, Version, download,
};

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
            let (object, doubted) = self.get_once(path, location, meter).await?;
            match doubted {
                false => Ok(object),
                // Boxed, as it is rare and would make every call's future twice as large.
                true => Box::pin(self.get_again(path, location, object, meter)).await,
            }
        })
        .await
    }

    /// The second look at an object whose body did not fit its ETag.
    async fn get_again(
        &self,
        path: &str,
        location: &Path,
        first: Object,
        meter: &Meter,
    ) -> Result<Object, Failure> {
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
    }

    /// One attempt of a GET, and whether its body may have been changed on the way.
    async fn get_once(
        &self,
        path: &str,
        location: &Path,
        meter: &Meter,
    ) -> Result<(Object, bool), Failure> {
        let trail = Trail::new(RequestClass::Get, meter);
        let options = GetOptions {
            extensions: trail.extensions(),
            ..GetOptions::default()
        };
        let result = self.store.get_opts(location, options).await;
        let result = result.map_err(|error| Failure::from_store(error, &trail))?;
        let answer = trail.take_answer().unwrap_or_default();
        let (meta, attributes, unread) = download::open(result);
        let entry = entry(path, meta, answer.storage_class);
        let body = download::read(unread, entry.size, meter).await;
        let body = body.map_err(Failure::Local)?;
        let body = body.map_err(|error| Failure::Garbled(Box::new(error)))?;
        let length = body.len() as u64;
        meter.read(length);
        if length != entry.size {
            return Err(Failure::garbled(Malformed::new(format!(
                "{} bytes were announced and {length} came",
                entry.size
            ))));
        }
        let doubted = self.e_tags.doubt(&entry, &body, answer.opaque_e_tag);
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
            let trail = Trail::new(RequestClass::Head, meter);
            let options = GetOptions {
                head: true,
                extensions: trail.extensions(),
                ..GetOptions::default()
            };
            let result = self.store.get_opts(&location, options).await;
            let result = result.map_err(|error| Failure::from_store(error, &trail))?;
            let answer = trail.take_answer().unwrap_or_default();
            Ok(Seen {
                date: answer.date(),
                entry: entry(path, result.meta, answer.storage_class),
                attributes: result.attributes,
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
    ) -> Result<Version, Failure> {
        check_attributes(&request.attributes)?;
        let location = location(path)?;
        self.writing(|| self.put_once(&location, body.clone(), &request, PutMode::Overwrite, meter))
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
    ) -> Result<Version, Failure> {
        let trail = Trail::new(RequestClass::Put, meter);
        let length = body.len() as u64;
        let options = PutOptions {
            mode,
            tags: request.tags.clone(),
            attributes: request.attributes.clone(),
            extensions: trail.extensions(),
        };
        let put = self
            .store
            .put_opts(location, PutPayload::from_bytes(body), options)
            .await;
        let put = put.map_err(|error| Failure::from_store(error, &trail));
        if !matches!(put, Err(Failure::Budget(_) | Failure::Local(_))) {
            meter.wrote(length);
        }
        match put {
            Ok(result) => Ok(result.into()),
            // Written; that the answer lacks an ETag, which `object_store` insists on, does not
            // unwrite it.
            Err(Failure::Garbled(_)) => Ok(Version::default()),
            Err(failure) => Err(failure),
        }
    }

    pub(super) async fn delete_object(
        &self,
        path: &str,
        version: Option<&Version>,
        meter: &Meter,
    ) -> Result<(), Failure> {
        if !is_addressable(path) {
            // A URL can't name it, but the body of a bulk delete can.
            return self.delete_unaddressable(path, meter).await;
        }
        let url = format!("{}/{}", self.url, encode_key(path));
        let mut call = Call::new(RequestClass::Delete, Method::DELETE, url);
        if let Some(version) = version {
            let e_tag = self.server.0.dialect.e_tag(version)?;
            call = call.header("if-match", &e_tag)?;
        }
        let call = &call;
        self.writing(|| async move {
            match self.server.0.client.send(call, meter).await {
                // Some stores say so where Amazon calls it done.
                Err(failure) if version.is_none() && is_missing_key(&failure) => Ok(()),
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
        if let Attribute::Metadata(name) = attribute
            && HeaderName::from_bytes(name.as_bytes()).is_err()
        {
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
    Failure::Local(StoreError::unsupported(what))
}

fn entry(path: &str, meta: ObjectMeta, storage_class: Option<String>) -> ObjectEntry {
    ObjectEntry {
        key: path.to_owned(),
        size: meta.size,
        last_modified: meta.last_modified,
        version: Version::new(meta.e_tag, meta.version),
        storage_class,
    }
}
