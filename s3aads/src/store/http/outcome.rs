//! What a write comes to: one that took effect is a success, and one that may have is not refused.
//!
//! Each attempt ends in one of these ways:
//!
//! | answer | means | then |
//! |---|---|---|
//! | 2xx | applied | success |
//! | 412, 304, for If-Match also 404 | the condition does not hold *now* | see below |
//! | 409, on S3 | another write to the key was under way; not applied | again |
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

use std::time::Duration;

use chrono::TimeDelta;
use http::StatusCode;

use super::bucket::Seen;
use super::retry::GivenUp;
use super::{Bucket, Failure, Fate, Verdict};
use crate::store::operation::{Operation, OwnTrace};
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

impl Bucket {
    /// What the write to `path` that was given up has come to.
    pub(crate) async fn outcome(
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
            return Err(self.in_doubt(doubt(fate), given_up));
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
            (_, Fate::Open) => doubt(fate),
            (Found::Nothing, _) => "an attempt got no clear answer and there is no object now",
            _ => "an attempt got no clear answer and the object was written by another since",
        };
        Err(self.in_doubt(reason, given_up))
    }

    /// Looks whose write is there.
    async fn find(&self, path: &str, operation: Option<&Operation>, meter: &Meter) -> Found {
        match self.head(path, meter).await {
            Ok(seen) => match operation.map(|operation| operation.trace(&seen.attributes)) {
                Some(OwnTrace::Applied) => Found::Ours(seen.entry.version),
                Some(OwnTrace::Replaced) => Found::Ours(Version::replaced()),
                Some(OwnTrace::Beaten) => Found::Beaten,
                Some(OwnTrace::None) | None => Found::Theirs(Box::new(seen)),
            },
            Err(failure) if failure.is_missing() => Found::Nothing,
            Err(_) => Found::Unclear,
        }
    }

    /// The error of a write of which it is known that it was not applied.
    fn unapplied(&self, failure: Failure, verdict: Verdict, condition: &Condition) -> StoreError {
        let unsupported = is_unsupported(&failure);
        let error = self.fail(failure);
        let (reason, what) = match (verdict, condition) {
            (Verdict::Refused, Condition::Absent) => (Reason::AlreadyExists, error.to_string()),
            // Whoever held the key changed it, or is about to.
            (Verdict::Refused | Verdict::Contended, Condition::Unchanged(_)) => {
                (Reason::Changed, error.to_string())
            }
            (Verdict::Contended, _) => (Reason::Unavailable, format!("the store is busy: {error}")),
            (_, Condition::Absent | Condition::Unchanged(_)) if unsupported => (
                Reason::Unsupported,
                format!("this store has no conditional writes: {error}"),
            ),
            _ => return error,
        };
        StoreError::new(reason, what)
    }

    /// The error of a write of which it can't be told whether it took effect.
    fn in_doubt(&self, what: &str, given_up: GivenUp) -> StoreError {
        let what = format!("{what} ({} retries)", given_up.retries);
        StoreError::new(Reason::Indeterminate, what).with_source(self.fail(given_up.failure))
    }
}

/// What is known of a write that was given up.
pub(crate) fn doubt(fate: Fate) -> &'static str {
    match fate {
        Fate::Open => "an attempt got no answer and may yet be carried out",
        _ => "an attempt got no clear answer and may have been carried out",
    }
}

fn is_unsupported(failure: &Failure) -> bool {
    failure.status() == Some(StatusCode::NOT_IMPLEMENTED)
        || failure.code() == Some("NotImplemented")
}

/// Whether the object is still the one that the condition names.
fn is_expected(seen: &Seen, condition: &Condition) -> bool {
    match condition {
        Condition::Unchanged(read) => read.is_same(&seen.entry.version),
        _ => false,
    }
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
