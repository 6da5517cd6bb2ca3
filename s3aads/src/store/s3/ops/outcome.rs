//! What a write comes to: one that took effect is a success, and one that may have is not refused.
//!
//! Each attempt ends in one of these ways:
//!
//! | answer | means | then |
//! |---|---|---|
//! | 2xx | applied | success |
//! | 412, 304, for If-Match also 404 | the condition does not hold *now* | see below |
//! | 409 | another write to the key was under way; not applied | again |
//! | turned away, not connected | not applied | again |
//! | 5xx | applied or not (*settled*) | again |
//! | reset, timeout, 502 and 504 of a gateway | applied or not, or will be (*open*) | again |
//! | any other | not applied | fail |
//!
//! To send it again is always safe, since the condition holds for one attempt at most. But once
//! an attempt's fate is not known, a refusal may be our own doing. Then a HEAD decides by the ids
//! of [`operation`](crate::store::operation): ours is there, so it is a success. It is not there, so
//! either no attempt was applied, or one was and is overwritten already; after an *open* attempt one
//! may even land later. Only where the object proves that no attempt was applied does the refusal
//! stand, and else the outcome is [`Indeterminate`](Reason::Indeterminate).

use std::future::Future;
use std::time::Duration;

use chrono::TimeDelta;
use http::StatusCode;

use super::read::Seen;
use crate::store::operation::{Operation, Trace};
use crate::store::s3::S3Backend;
use crate::store::s3::http::{Answer, Failure, Fate, GivenUp, Refusal, Verdict, attempts};
use crate::store::{Condition, Meter, Reason, Result, StoreError, Version};

/// How far the clocks of a server's nodes may be apart, and the second that headers round to.
const CLOCK_SLACK: TimeDelta = TimeDelta::seconds(5);

/// What a HEAD after the attempts shows.
#[derive(Debug)]
enum Found {
    /// Our own write.
    Ours(Version),
    /// Another's, which proves that ours was not applied.
    Beaten,
    /// Another's.
    Theirs(Box<Seen>),
    /// No object.
    Nothing,
    /// It can't be told.
    Unclear,
}

impl S3Backend {
    /// Sends a write until it succeeds or it is no use to try again.
    pub(super) async fn writing<T, F>(
        &self,
        condition: &Condition,
        attempt: impl FnMut() -> F + Send,
    ) -> std::result::Result<T, GivenUp>
    where
        F: Future<Output = std::result::Result<T, Failure>> + Send,
    {
        let judge = |failure: &Failure| verdict(failure, condition);
        attempts(&self.server.0.client.retry, 0, judge, attempt).await
    }

    /// What the write to `path` that was given up has come to.
    pub(super) async fn outcome(
        &self,
        path: &str,
        operation: Option<&Operation>,
        condition: &Condition,
        given_up: GivenUp,
        meter: &Meter,
    ) -> Result<Version> {
        let GivenUp { verdict, fate, .. } = given_up;
        let creates = *condition == Condition::Absent;
        if fate == Fate::Void && !(verdict == Verdict::Contended && creates) {
            return Err(self.unapplied(given_up.failure, verdict, condition));
        }
        if *condition == Condition::None {
            return Err(self.in_doubt(given_up_in(fate), given_up));
        }
        let found = self.find(path, operation, meter).await;
        let unapplied = match (&found, fate) {
            (Found::Ours(version), _) => return Ok(version.clone()),
            // Nothing was applied: what is left to say is why.
            (_, Fate::Void) => true,
            (Found::Unclear, _) | (_, Fate::Open) => false,
            (Found::Beaten, Fate::Settled) => true,
            (Found::Nothing, Fate::Settled) => verdict != Verdict::Refused && creates,
            (Found::Theirs(seen), Fate::Settled) => {
                is_expected(seen, condition) || is_older(seen, given_up.elapsed)
            }
        };
        if unapplied {
            let verdict = match (&found, verdict) {
                (Found::Beaten, _) | (Found::Theirs(_), Verdict::Contended) => Verdict::Refused,
                (_, verdict) => verdict,
            };
            return Err(self.unapplied(given_up.failure, verdict, condition));
        }
        let reason = match (&found, fate) {
            (Found::Unclear, _) => "an attempt got no clear answer and the object can't be checked",
            (_, Fate::Open) => given_up_in(fate),
            (Found::Nothing, _) => "an attempt got no clear answer and there is no object now",
            _ => "an attempt got no clear answer and the object was written by another since",
        };
        Err(self.in_doubt(reason, given_up))
    }

    /// Looks whose write is there.
    async fn find(&self, path: &str, operation: Option<&Operation>, meter: &Meter) -> Found {
        match self.head_object(path, meter).await {
            Ok(seen) => match operation.map(|operation| operation.trace(&seen.attributes)) {
                Some(Trace::Applied) => Found::Ours(seen.entry.version),
                Some(Trace::Replaced) => Found::Ours(Version::replaced()),
                Some(Trace::Beaten) => Found::Beaten,
                Some(Trace::None) | None => Found::Theirs(Box::new(seen)),
            },
            Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => Found::Nothing,
            Err(_) => Found::Unclear,
        }
    }

    /// The error of a write of which it is known that it was not applied.
    fn unapplied(&self, failure: Failure, verdict: Verdict, condition: &Condition) -> StoreError {
        match (verdict, condition, failure) {
            (Verdict::Refused, Condition::Absent, Failure::Answered(answer)) => {
                StoreError::new(Reason::AlreadyExists, Refusal { answer }.to_string())
            }
            // Whoever held the key changed it, or is about to.
            (Verdict::Refused | Verdict::Contended, Condition::Unchanged(_), failure) => {
                StoreError::new(Reason::Changed, self.fail(failure).to_string())
            }
            (Verdict::Contended, _, Failure::Answered(answer)) => StoreError::new(
                Reason::Unavailable,
                format!("the store is busy: {}", Refusal { answer }),
            ),
            (_, Condition::Absent | Condition::Unchanged(_), Failure::Answered(answer))
                if is_unsupported(&answer) =>
            {
                StoreError::unsupported(format!(
                    "this store has no conditional writes: {}",
                    Refusal { answer }
                ))
            }
            (_, _, failure) => self.fail(failure),
        }
    }

    /// The error of a write of which it can't be told whether it took effect.
    fn in_doubt(&self, what: &str, given_up: GivenUp) -> StoreError {
        let what = format!("{what} ({} retries)", given_up.retries);
        StoreError::new(Reason::Indeterminate, what).with_source(self.fail(given_up.failure))
    }
}

/// The condition of a delete of this version, or of whatever is there.
pub(super) fn condition_of(version: Option<&Version>) -> Condition {
    version.map_or(Condition::None, |version| {
        Condition::Unchanged(version.clone())
    })
}

/// What is known of a write that was given up.
pub(super) fn given_up_in(fate: Fate) -> &'static str {
    match fate {
        Fate::Open => "an attempt got no answer and may yet be carried out",
        _ => "an attempt got no clear answer and may have been carried out",
    }
}

fn verdict(failure: &Failure, condition: &Condition) -> Verdict {
    match failure.status() {
        _ if *condition == Condition::None => Verdict::Silent,
        Some(StatusCode::PRECONDITION_FAILED | StatusCode::NOT_MODIFIED) => Verdict::Refused,
        // There is nothing left that could be unchanged.
        Some(StatusCode::NOT_FOUND)
            if *condition != Condition::Absent && failure.code() != Some("NoSuchBucket") =>
        {
            Verdict::Refused
        }
        Some(StatusCode::CONFLICT) => Verdict::Contended,
        _ => Verdict::Silent,
    }
}

fn is_unsupported(answer: &Answer) -> bool {
    answer.status == StatusCode::NOT_IMPLEMENTED || answer.code.as_deref() == Some("NotImplemented")
}

/// Whether the object is still the one that the condition names.
fn is_expected(seen: &Seen, condition: &Condition) -> bool {
    match condition {
        Condition::Unchanged(read) => same_e_tag(read, &seen.entry.version),
        _ => false,
    }
}

/// Whether two versions have one ETag, with quotes or without.
pub(super) fn same_e_tag(a: &Version, b: &Version) -> bool {
    let bare = |version: &Version| Some(version.e_tag()?.trim_matches('"').to_owned());
    bare(a).is_some() && bare(a) == bare(b)
}

/// Whether the object was there before the first attempt, by the server's own clock: then no
/// attempt to create it can have been applied since.
fn is_older(seen: &Seen, elapsed: Duration) -> bool {
    let began = seen
        .date
        .zip(TimeDelta::from_std(elapsed).ok())
        .and_then(|(date, elapsed)| date.checked_sub_signed(elapsed + CLOCK_SLACK));
    began.is_some_and(|began| seen.entry.last_modified < began)
}
