//! GetObject and HeadObject.

use chrono::{DateTime, Utc};
use object_store::path::Path;
use object_store::{Attributes, GetOptions, ObjectMeta, ObjectStore};

use crate::store::s3::S3Backend;
use crate::store::s3::http::{Failure, Trail, retrying};
use crate::store::s3::xml::Malformed;
use crate::store::{
    Meter, Object, ObjectEntry, Reason, RequestClass, StoreError, Version, download,
};

/// What a HEAD tells.
#[derive(Debug)]
pub(in crate::store::s3) struct Seen {
    pub(in crate::store::s3) entry: ObjectEntry,
    pub(in crate::store::s3) attributes: Attributes,
    /// When the server answered, by its own clock.
    pub(super) date: Option<DateTime<Utc>>,
}

impl S3Backend {
    pub(in crate::store::s3) async fn get_object(
        &self,
        path: &str,
        meter: &Meter,
    ) -> Result<Object, Failure> {
        let location = location(path).map_err(Failure::Local)?;
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
        let result = result.map_err(|error| Failure::new(error, &trail))?;
        let answer = trail.take_answer().map_err(Failure::garbled)?;
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

    pub(in crate::store::s3) async fn head_object(
        &self,
        path: &str,
        meter: &Meter,
    ) -> Result<Seen, Failure> {
        let location = location(path).map_err(Failure::Local)?;
        retrying(&self.server.0.client.retry, || async {
            let trail = Trail::new(RequestClass::Head, meter);
            let options = GetOptions {
                head: true,
                extensions: trail.extensions(),
                ..GetOptions::default()
            };
            let result = self.store.get_opts(&location, options).await;
            let result = result.map_err(|error| Failure::new(error, &trail))?;
            let answer = trail.take_answer().map_err(Failure::garbled)?;
            Ok(Seen {
                date: answer.date(),
                entry: entry(path, result.meta, answer.storage_class),
                attributes: result.attributes,
            })
        })
        .await
    }
}

/// `path` for `object_store`, which would drop slashes at the ends and so name another object.
pub(super) fn location(path: &str) -> Result<Path, StoreError> {
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

fn entry(path: &str, meta: ObjectMeta, storage_class: Option<String>) -> ObjectEntry {
    ObjectEntry {
        key: path.to_owned(),
        size: meta.size,
        last_modified: meta.last_modified,
        version: Version::new(meta.e_tag, meta.version),
        storage_class,
    }
}
