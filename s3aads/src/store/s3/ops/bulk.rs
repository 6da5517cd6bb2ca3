//! DeleteObjects. What the server does not take in bulk, or says nothing of, is left to single deletes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::header::{CONTENT_TYPE, HeaderName};
use http::{Method, StatusCode};

use crate::store::http::{Answer, Call, Failure, Fate, Verdict, attempts, doubt};
use crate::store::s3::S3Backend;
use crate::store::s3::xml::{self, DeleteError, DeleteResult, Doomed, content_md5};
use crate::store::{
    Backend, Deletion, ListRequest, Meter, ObjectEntry, Reason, RequestClass, Result, StoreError,
};

static CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// A bulk delete that timed out is sent once more, even if all the time for retries went by: the
/// server has fewer keys left to delete.
const LEAST_RETRIES: usize = 1;

/// How many pages are read to see what is left where a bulk delete was given up in doubt.
const MOST_PAGES: usize = 3;

/// A bulk delete under way.
#[derive(Debug, Default)]
struct Batch {
    /// What is to be deleted yet, by its place.
    pending: Vec<Pending>,
    /// What became of the others; none where it is to be deleted by itself.
    ended: Vec<(usize, Option<Result<()>>)>,
}

#[derive(Debug)]
struct Pending {
    place: usize,
    fate: Fate,
    /// What the server said of the key.
    failure: Option<Failure>,
}

impl S3Backend {
    /// Deletes what can be deleted in bulk, with one outcome for each, in order; none for what is to be
    /// deleted by itself.
    pub(in crate::store::s3) async fn delete_objects(
        &self,
        deletions: &[Deletion],
        meter: &Meter,
    ) -> Vec<Option<Result<()>>> {
        let mut outcomes: Vec<Option<Result<()>>> = deletions.iter().map(|_| None).collect();
        let places = deletions.iter().enumerate();
        let bulk: Vec<usize> = places
            .filter(|(_, deletion)| self.takes_in_bulk(deletion))
            .map(|(place, _)| place)
            .collect();
        for (place, outcome) in self.delete_part(deletions, &bulk, meter).await {
            if let Some(slot) = outcomes.get_mut(place) {
                *slot = outcome;
            }
        }
        outcomes
    }

    /// Deletes one object that no URL can name.
    pub(super) async fn delete_unaddressable(
        &self,
        deletion: &Deletion,
        meter: &Meter,
    ) -> Result<()> {
        if !self.takes_in_bulk(deletion) {
            return Err(unaddressable(&deletion.key));
        }
        let deletions = std::slice::from_ref(deletion);
        let mut ended = self.delete_part(deletions, &[0], meter).await;
        match ended.pop() {
            Some((_, Some(outcome))) => outcome,
            _ if !self.takes_in_bulk(deletion) => Err(unaddressable(&deletion.key)),
            _ => Err(StoreError::new(
                Reason::Unavailable,
                "the server's answer does not say what became of the key",
            )),
        }
    }

    fn takes_in_bulk(&self, Deletion { key, version }: &Deletion) -> bool {
        let dialect = &self.server.0.dialect;
        !key.is_empty()
            && xml::is_xml_text(key)
            && dialect.deletes_in_bulk(version.is_some())
            && version.as_ref().is_none_or(|v| dialect.e_tag(v).is_ok())
    }

    /// Deletes what is at the places `part` by one request, which is sent again for what failed in
    /// passing.
    async fn delete_part(
        &self,
        deletions: &[Deletion],
        part: &[usize],
        meter: &Meter,
    ) -> Vec<(usize, Option<Result<()>>)> {
        if part.is_empty() {
            return Vec::new();
        }
        let batch = Mutex::new(Batch {
            pending: part.iter().map(|&place| Pending::new(place)).collect(),
            ended: Vec::new(),
        });
        let (batch, client) = (&batch, &self.bucket.client);
        let sent = attempts(
            &client.retry,
            LEAST_RETRIES,
            |_| Verdict::Silent,
            || async move {
                let call = self.bulk_call(deletions, batch)?;
                let answer = client.attempt(&call, meter, &xml::parse_delete).await;
                let mut batch = batch.lock().unwrap_or_else(PoisonError::into_inner);
                match answer {
                    Ok(said) => self.note(&mut batch, said, deletions),
                    Err(failure) => {
                        batch.doubt(failure.fate());
                        Err(failure)
                    }
                }
            },
        )
        .await;
        let mut batch = std::mem::take(&mut *batch.lock().unwrap_or_else(PoisonError::into_inner));
        if let Err(given_up) = sent {
            self.give_up(&mut batch, given_up.failure, deletions, meter)
                .await;
        }
        batch.ended
    }

    fn bulk_call(
        &self,
        deletions: &[Deletion],
        batch: &Mutex<Batch>,
    ) -> std::result::Result<Call, Failure> {
        let batch = batch.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = batch.pending.iter().filter_map(|p| deletions.get(p.place));
        let objects: Result<Vec<Doomed>> = pending
            .map(|Deletion { key, version }| {
                let e_tag = version.as_ref().map(|v| self.server.0.dialect.e_tag(v));
                Ok(Doomed {
                    key: key.clone(),
                    e_tag: e_tag.transpose()?,
                })
            })
            .collect();
        let body = xml::delete_body(&objects.map_err(Failure::Unsent)?).map_err(Failure::unsent)?;
        let url = format!("{}?delete=", self.bucket.url);
        let call = Call::new(RequestClass::Post, Method::POST, url)
            .header(CONTENT_TYPE, "application/xml")
            // Servers refuse a bulk delete without it.
            .and_then(|call| call.header(CONTENT_MD5.clone(), &content_md5(body.as_bytes())));
        Ok(call.map_err(Failure::Unsent)?.body(body))
    }

    /// Takes in what an answer says of each key; fails where one failed in passing.
    fn note(
        &self,
        batch: &mut Batch,
        said: DeleteResult,
        deletions: &[Deletion],
    ) -> std::result::Result<(), Failure> {
        let said = by_key(said);
        let mut passing = None;
        for mut pending in std::mem::take(&mut batch.pending) {
            let Some(Deletion { key, version }) = deletions.get(pending.place) else {
                continue;
            };
            let outcome = match said.get(key) {
                None => None,
                Some(None) => Some(Ok(())),
                Some(Some(failure)) if failure.is_transient() => {
                    pending.fate = pending.fate.max(failure.fate());
                    pending.failure = Some(failure.repeated());
                    passing = Some(failure.repeated());
                    batch.pending.push(pending);
                    continue;
                }
                Some(Some(failure)) => Some(match failure.status() {
                    // Gone, and perhaps by an attempt of our own.
                    Some(StatusCode::NOT_FOUND)
                        if version.is_none() || pending.fate > Fate::Void =>
                    {
                        Ok(())
                    }
                    Some(StatusCode::NOT_FOUND | StatusCode::PRECONDITION_FAILED)
                        if version.is_some() =>
                    {
                        let said = self.bucket.fail(failure.repeated()).to_string();
                        Err(StoreError::new(Reason::Changed, said))
                    }
                    _ => Err(self.bucket.fail(failure.repeated())),
                }),
            };
            batch.ended.push((pending.place, outcome));
        }
        passing.map_or(Ok(()), Err)
    }

    /// Says what became of the objects that are pending still.
    async fn give_up(
        &self,
        batch: &mut Batch,
        failure: Failure,
        deletions: &[Deletion],
        meter: &Meter,
    ) {
        let pending = std::mem::take(&mut batch.pending);
        let objects: Vec<(Pending, &Deletion)> = pending
            .into_iter()
            .filter_map(|p| deletions.get(p.place).map(|deletion| (p, deletion)))
            .collect();
        let clear = |(p, d): &(Pending, &Deletion)| p.fate == Fate::Void || d.version.is_none();
        if is_refused(&failure) && objects.iter().all(clear) {
            self.learn(&failure, objects.iter().map(|(_, deletion)| *deletion));
            let alone = objects.iter().map(|(pending, _)| (pending.place, None));
            batch.ended.extend(alone);
            return;
        }
        let doubtful = objects.iter().filter(|(p, _)| p.fate > Fate::Void);
        let doubtful: Vec<&str> = doubtful.map(|(_, d)| d.key.as_str()).collect();
        let left = if doubtful.is_empty() {
            None
        } else {
            Box::pin(self.left_of(doubtful, meter)).await
        };
        for (pending, Deletion { key, version }) in objects {
            let there = left.as_ref().map(|left| left.get(key));
            let error = self
                .bucket
                .fail(pending.failure.unwrap_or_else(|| failure.repeated()));
            let outcome = match (pending.fate, there) {
                (Fate::Void, _) => Err(error),
                (_, Some(None)) => Ok(()),
                (_, Some(Some(entry)))
                    if version.as_ref().is_some_and(|v| !v.is_same(&entry.version)) =>
                {
                    Err(StoreError::new(
                        Reason::Changed,
                        "the object is another by now",
                    ))
                }
                // One that was on a condition was not carried out: its object is the same. A delete
                // without one may have reached some of the server's nodes, and comes to all in time.
                (Fate::Settled, Some(Some(_))) if version.is_some() => Err(error),
                (fate, _) => {
                    let unclear = StoreError::new(Reason::Indeterminate, doubt(fate));
                    Err(unclear.with_source(error))
                }
            };
            batch.ended.push((pending.place, Some(outcome)));
        }
    }

    /// Remembers what the server does not take in bulk.
    fn learn<'a>(
        &self,
        failure: &Failure,
        mut refused: impl Iterator<Item = &'a Deletion> + Clone,
    ) {
        let dialect = &self.server.0.dialect;
        let plain = |deletion: &Deletion| deletion.key.bytes().all(|b| b.is_ascii_graphic());
        if is_unknown(failure) {
            dialect.set_no_bulk_deletes();
        } else if refused.clone().any(|deletion| deletion.version.is_some()) {
            dialect.set_no_bulk_conditions();
        } else if refused.all(plain) {
            dialect.set_no_bulk_deletes();
        }
    }

    /// Which of these keys are still there, if a few listings tell.
    async fn left_of(
        &self,
        mut keys: Vec<&str>,
        meter: &Meter,
    ) -> Option<HashMap<String, ObjectEntry>> {
        keys.sort_unstable();
        let (first, last) = (*keys.first()?, *keys.last()?);
        let common = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b);
        let mut common = common.count();
        while !first.is_char_boundary(common) {
            common -= 1;
        }
        let mut request = ListRequest {
            prefix: first.get(..common)?.to_owned(),
            // The listing begins after this, and so at the first key or a little before.
            start_after: first.char_indices().last().and_then(|(end, _)| {
                let before = first.get(..end)?;
                (end > common).then(|| before.to_owned())
            }),
            ..ListRequest::default()
        };
        let mut left = HashMap::new();
        for _ in 0..MOST_PAGES {
            let page = self.list(request.clone(), meter).await.ok()?;
            let beyond = page.objects.last().is_some_and(|o| o.key.as_str() >= last);
            let there = page.objects.into_iter().map(|o| (o.key.clone(), o));
            left.extend(there);
            if beyond || page.next.is_none() {
                return Some(left);
            }
            request.token = page.next;
        }
        None
    }
}

impl Pending {
    fn new(place: usize) -> Self {
        Self {
            place,
            fate: Fate::Void,
            failure: None,
        }
    }
}

impl Batch {
    /// Notes that a request for all that is pending may have had this effect.
    fn doubt(&mut self, fate: Fate) {
        for pending in &mut self.pending {
            pending.fate = pending.fate.max(fate);
            pending.failure = None;
        }
    }
}

fn unaddressable(path: &str) -> StoreError {
    StoreError::unsupported(format!(
        "{path:?} can't be deleted: no URL can name this key on this server"
    ))
}

/// Whether the server takes no such bulk delete, for a reason that a single one does not have.
fn is_refused(failure: &Failure) -> bool {
    let denied = matches!(failure.code(), Some("NoSuchBucket" | "AccessDenied"));
    is_unknown(failure)
        || !denied
            && !failure.is_transient()
            && matches!(
                failure.status(),
                Some(
                    StatusCode::BAD_REQUEST
                        | StatusCode::NOT_FOUND
                        | StatusCode::LENGTH_REQUIRED
                        | StatusCode::UNSUPPORTED_MEDIA_TYPE
                )
            )
}

/// Whether the server has no bulk deletes.
fn is_unknown(failure: &Failure) -> bool {
    matches!(failure.code(), Some("NotImplemented" | "MethodNotAllowed"))
        || matches!(
            failure.status(),
            Some(StatusCode::NOT_IMPLEMENTED | StatusCode::METHOD_NOT_ALLOWED)
        )
}

/// What became of each key that the server names; none where it is gone.
fn by_key(said: DeleteResult) -> HashMap<String, Option<Failure>> {
    let deleted = said.deleted.into_iter().map(|deleted| (deleted.key, None));
    let errors = said.error.into_iter().map(|error| {
        let DeleteError { key, code, message } = error;
        let message = Some(message).filter(|message| !message.is_empty());
        let answer = Answer::error(code, message);
        (key, Some(Failure::Answered(Box::new(answer))))
    });
    // An error counts where both are named.
    deleted.chain(errors).collect()
}
