//! DeleteObjects, and single deletes where the server has no such thing or does not say what became
//! of a key.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use futures_util::{StreamExt, stream};
use http::{Method, StatusCode};
use md5::{Digest, Md5};

use super::S3Backend;
use super::client::Call;
use super::doubt::given_up;
use super::failure::{Failure, Fate};
use super::object::is_addressable;
use super::retry::Retry;
use super::wire::Answer;
use super::xml::{self, DeleteError, DeleteResult, Malformed};
use crate::store::{Deletion, Meter, PAGE_SIZE, RequestClass, Result, StoreError};

/// How many single deletes are under way at once.
const SINGLE_DELETES: usize = 16;

impl S3Backend {
    /// Deletes each of `deletions`, with one outcome for each, in order.
    pub(super) async fn delete_objects(
        &self,
        deletions: &[Deletion],
        meter: &Meter,
    ) -> Vec<Result<()>> {
        let paths: Vec<String> = deletions.iter().map(|doomed| doomed.key.clone()).collect();
        let paths = paths.as_slice();
        let mut outcomes: Vec<Result<()>> = paths.iter().map(|_| Ok(())).collect();
        let (bulk, mut single): (Vec<usize>, Vec<usize>) = (0..paths.len()).partition(|&i| {
            let conditional = deletions.get(i).is_some_and(|d| d.version.is_some());
            !conditional && paths.get(i).is_some_and(|path| can_go_in_bulk(path))
        });
        for part in bulk.chunks(PAGE_SIZE) {
            match self.no_bulk_delete.load(Ordering::Relaxed) {
                true => single.extend(part),
                false => single.extend(self.delete_part(paths, part, &mut outcomes, meter).await),
            }
        }
        let single = single
            .into_iter()
            .filter_map(|i| Some((i, deletions.get(i)?)));
        let mut deletes = stream::iter(single)
            .map(|(i, doomed)| async move { (i, self.delete_alone(doomed, meter).await) })
            .buffer_unordered(SINGLE_DELETES)
            .boxed();
        while let Some((i, deleted)) = deletes.next().await {
            if let Some(outcome) = outcomes.get_mut(i) {
                *outcome = deleted.map_err(|failure| self.fail(failure));
            }
        }
        drop(deletes);
        outcomes
    }

    async fn delete_alone(
        &self,
        doomed: &Deletion,
        meter: &Meter,
    ) -> std::result::Result<(), Failure> {
        let Deletion { key, version } = doomed;
        if is_addressable(key) {
            self.delete_object(key, version.as_ref(), meter).await
        } else {
            Err(unaddressable(key))
        }
    }

    /// Deletes one key that no URL can name.
    pub(super) async fn delete_unaddressable(
        &self,
        path: &str,
        meter: &Meter,
    ) -> std::result::Result<(), Failure> {
        if !can_go_in_bulk(path) || self.no_bulk_delete.load(Ordering::Relaxed) {
            return Err(unaddressable(path));
        }
        let path = [path.to_owned()];
        let mut outcome = [Ok(())];
        let left = self.delete_part(&path, &[0], &mut outcome, meter).await;
        let [outcome] = outcome;
        match left.is_empty() {
            true => outcome.map_err(Failure::Local),
            false if self.no_bulk_delete.load(Ordering::Relaxed) => Err(unaddressable(&path[0])),
            false => Err(Failure::garbled(Malformed::new(
                "the answer does not say what became of the key",
            ))),
        }
    }

    /// Deletes the paths at the indices `part` by one request, and sends it again for those that
    /// failed in passing. Returns those that are to be deleted one by one: all where the server
    /// can't delete in bulk, and those that its answer does not name.
    async fn delete_part(
        &self,
        paths: &[String],
        part: &[usize],
        outcomes: &mut [Result<()>],
        meter: &Meter,
    ) -> Vec<usize> {
        let client = &self.server.0.client;
        let mut retry = Retry::new(&client.retry);
        let mut pending = part.to_vec();
        let mut unnamed = Vec::new();
        let mut doubt = Fate::Void;
        loop {
            let keys: Vec<String> = pending
                .iter()
                .filter_map(|&i| paths.get(i).cloned())
                .collect();
            let sent = match self.bulk_call(&keys) {
                Ok(call) => client.send(&call, meter).await,
                Err(failure) => Err(failure),
            };
            let said = sent.and_then(|body| xml::parse_delete(&body).map_err(Failure::garbled));
            let failure = match said {
                Ok(said) => {
                    let said = by_key(said);
                    let mut passing = None;
                    pending.retain(|&i| {
                        let (Some(path), Some(outcome)) = (paths.get(i), outcomes.get_mut(i))
                        else {
                            return false;
                        };
                        *outcome = Ok(());
                        let failure = match said.get(path) {
                            Some(Some(failure)) => failure,
                            Some(None) => return false,
                            None => {
                                unnamed.push(i);
                                return false;
                            }
                        };
                        *outcome = Err(self.fail(repeated(failure)));
                        if failure.is_transient() {
                            passing = Some(repeated(failure));
                        }
                        failure.is_transient()
                    });
                    match passing {
                        Some(failure) => failure,
                        None => return unnamed,
                    }
                }
                Err(failure) if is_no_bulk(&failure) => {
                    self.no_bulk_delete.store(true, Ordering::Relaxed);
                    unnamed.extend(pending);
                    return unnamed;
                }
                Err(failure) => {
                    doubt = doubt.max(failure.fate());
                    for &i in &pending {
                        if let Some(outcome) = outcomes.get_mut(i) {
                            let failure = repeated(&failure);
                            *outcome = Err(match doubt {
                                Fate::Void => self.fail(failure),
                                doubt => self.in_doubt(given_up(doubt), failure),
                            });
                        }
                    }
                    failure
                }
            };
            if !retry.again(&failure).await {
                return unnamed;
            }
        }
    }

    fn bulk_call(&self, keys: &[String]) -> std::result::Result<Call, Failure> {
        let body = xml::delete_body(keys).map_err(Failure::local)?;
        let digest = BASE64_STANDARD.encode(Md5::digest(body.as_bytes()));
        let url = format!("{}?delete=", self.url);
        Call::new(RequestClass::Post, Method::POST, url)
            .header("content-type", "application/xml")?
            // Servers refuse a bulk delete without it.
            .header("content-md5", &digest)
            .map(|call| call.body(body))
    }
}

fn can_go_in_bulk(path: &str) -> bool {
    !path.is_empty() && xml::is_xml_text(path)
}

fn unaddressable(path: &str) -> Failure {
    Failure::Local(StoreError::unsupported(format!(
        "{path:?} can't be deleted: no URL can name this key on this server"
    )))
}

fn is_no_bulk(failure: &Failure) -> bool {
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
        let failure = key_failure(&error);
        (error.key, failure)
    });
    // An error counts where both are named.
    deleted.chain(errors).collect()
}

/// What became of a key that the server names as an error; none where it is gone all the same.
fn key_failure(error: &DeleteError) -> Option<Failure> {
    let status = match error.code.as_str() {
        "NoSuchKey" | "NoSuchVersion" => return None,
        "AccessDenied" => StatusCode::FORBIDDEN,
        "InternalError" => StatusCode::INTERNAL_SERVER_ERROR,
        "SlowDown" | "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    Some(Failure::Answered(Box::new(Answer {
        status,
        code: Some(error.code.clone()),
        message: (!error.message.is_empty()).then(|| error.message.clone()),
        ..Answer::default()
    })))
}

/// The failure of one request, once more for another of its keys.
fn repeated(failure: &Failure) -> Failure {
    match failure {
        Failure::Answered(answer) => Failure::Answered(answer.clone()),
        Failure::Broken(kind, source) => Failure::Broken(*kind, source.to_string().into()),
        Failure::Garbled(source) => Failure::Garbled(source.to_string().into()),
        Failure::Budget(spent) => Failure::Budget(*spent),
        Failure::Local(error) => Failure::Local(StoreError::new(error.reason(), error.to_string())),
    }
}
