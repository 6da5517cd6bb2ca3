//! Conditional PUTs: a write that took effect is a success, and one that may have is not refused.
//!
//! Each attempt ends in one of these ways:
//!
//! | answer | means | then |
//! |---|---|---|
//! | 2xx | applied | success |
//! | 412, 304, for If-Match also 404 | the condition does not hold *now* | see below |
//! | 409 | another write to the key was under way; not applied | again |
//! | throttled, not connected | not applied | again |
//! | 5xx | applied or not (*settled*) | again |
//! | reset, timeout | applied or not, or will be (*open*) | again |
//! | any other | not applied | fail |
//!
//! To send it again is always safe, since the condition holds for one attempt at most. But once
//! an attempt's fate is not known, a refusal may be our own doing. Then a HEAD decides by the
//! operation id that every attempt carries in the object's metadata: ours is there, so it is a
//! success. It is not there, so either no attempt was applied, or one was and is overwritten
//! already; after an *open* attempt one may even land later. Only where the object proves that
//! no attempt was applied does the refusal stand, and else the outcome is
//! [`Indeterminate`](Reason::Indeterminate).

use bytes::Bytes;
use chrono::TimeDelta;
use http::StatusCode;
use object_store::{PutMode, UpdateVersion};

use super::S3Backend;
use super::doubt::given_up;
use super::failure::{Failure, Fate, Refusal};
use super::object::{Seen, check_attributes, location};
use super::retry::Retry;
use super::wire::Answer;
use crate::store::operation::{Operation, Trace};
use crate::store::{Condition, Meter, PutRequest, Reason, Result, StoreError, Version};

/// How far the clocks of a server's nodes may be apart, and the second that headers round to.
const CLOCK_SLACK: TimeDelta = TimeDelta::seconds(5);

/// What an attempt's failure says about the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It does not hold.
    Refused,
    /// Another write was under way.
    Contended,
    /// Nothing.
    Silent,
}

impl Verdict {
    fn of(failure: &Failure, condition: &Condition) -> Self {
        match failure.status() {
            Some(StatusCode::PRECONDITION_FAILED | StatusCode::NOT_MODIFIED) => Self::Refused,
            // There is nothing left that could be unchanged.
            Some(StatusCode::NOT_FOUND)
                if *condition != Condition::Absent && failure.code() != Some("NoSuchBucket") =>
            {
                Self::Refused
            }
            Some(StatusCode::CONFLICT) => Self::Contended,
            _ => Self::Silent,
        }
    }
}

/// What a HEAD after the attempts shows.
#[derive(Debug)]
enum Found {
    /// Our own write.
    Ours(Version),
    /// Another's, and ours was not applied.
    Beaten,
    /// Another's.
    Theirs(Box<Seen>),
    /// No object.
    Nothing,
    /// It can't be told.
    Unclear,
}

impl S3Backend {
    /// A PUT on a condition.
    pub(super) async fn put_if(
        &self,
        path: &str,
        body: Bytes,
        mut request: PutRequest,
        meter: &Meter,
    ) -> Result<Version> {
        let location = location(path).map_err(|failure| self.fail(failure))?;
        check_attributes(&request.attributes).map_err(|failure| self.fail(failure))?;
        let operation = Operation::mark(&mut request);
        let mode = self
            .put_mode(&request.condition)
            .map_err(|failure| self.fail(failure))?;
        let mut retry = Retry::new(&self.server.0.client.retry);
        let mut doubt = Fate::Void;
        loop {
            let attempt = self.put_once(&location, body.clone(), &request, mode.clone(), meter);
            let failure = match attempt.await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            doubt = doubt.max(failure.fate());
            let verdict = Verdict::of(&failure, &request.condition);
            let again = match verdict {
                Verdict::Refused => false,
                Verdict::Contended => retry.anyway(&failure).await,
                Verdict::Silent => retry.again(&failure).await,
            };
            if again {
                continue;
            }
            let clear = doubt == Fate::Void
                && !(verdict == Verdict::Contended && request.condition == Condition::Absent);
            if clear {
                return Err(self.put_error(failure, verdict, &request.condition));
            }
            // Boxed, as it is rare and would make every call's future twice as large.
            let found = Box::pin(self.find(path, &operation, meter)).await;
            return self.judge(found, failure, verdict, doubt, &request.condition, &retry);
        }
    }

    /// Looks whose write is there.
    async fn find(&self, path: &str, operation: &Operation, meter: &Meter) -> Found {
        match self.head_object(path, meter).await {
            Ok(seen) => match operation.trace(&seen.attributes) {
                Trace::Applied => Found::Ours(seen.entry.version),
                Trace::Replaced => Found::Ours(Version::replaced()),
                Trace::Beaten => Found::Beaten,
                Trace::None => Found::Theirs(Box::new(seen)),
            },
            Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => Found::Nothing,
            Err(_) => Found::Unclear,
        }
    }

    fn judge(
        &self,
        found: Found,
        failure: Failure,
        verdict: Verdict,
        doubt: Fate,
        condition: &Condition,
        retry: &Retry<'_>,
    ) -> Result<Version> {
        let unapplied = match (&found, doubt) {
            (Found::Ours(answer), _) => return Ok(answer.clone()),
            // Nothing was applied: what is left to say is why.
            (_, Fate::Void) => true,
            (Found::Unclear, _) | (_, Fate::Open) => false,
            (Found::Beaten, Fate::Settled) => true,
            (Found::Nothing, Fate::Settled) => {
                verdict != Verdict::Refused && *condition == Condition::Absent
            }
            (Found::Theirs(seen), Fate::Settled) => {
                is_expected(seen, condition) || is_older(seen, retry)
            }
        };
        if unapplied {
            let verdict = match (&found, verdict) {
                (Found::Beaten, _) | (Found::Theirs(_), Verdict::Contended) => Verdict::Refused,
                (_, verdict) => verdict,
            };
            return Err(self.put_error(failure, verdict, condition));
        }
        let reason = match (&found, doubt) {
            (Found::Unclear, _) => "an attempt got no clear answer and the object can't be checked",
            (_, Fate::Open) => given_up(doubt),
            _ => "an attempt got no clear answer and the object was written by another since",
        };
        let what = format!("{reason} ({} retries)", retry.retries());
        Err(self.in_doubt(&what, failure))
    }

    /// The error of a write of which it is known that it was not applied.
    fn put_error(&self, failure: Failure, verdict: Verdict, condition: &Condition) -> StoreError {
        match (verdict, condition, failure) {
            (Verdict::Refused, Condition::Absent, Failure::Answered(answer)) => {
                StoreError::new(Reason::AlreadyExists, Refusal { answer }.to_string())
            }
            // Whoever held the key changed it, or is about to.
            (Verdict::Refused | Verdict::Contended, Condition::Unchanged(_), failure) => {
                let what = match failure {
                    Failure::Answered(answer) => Refusal { answer }.to_string(),
                    failure => self.fail(failure).to_string(),
                };
                StoreError::new(Reason::Changed, what)
            }
            (Verdict::Contended, _, Failure::Answered(answer)) => {
                Refusal { answer }.into_unavailable()
            }
            (_, _, Failure::Answered(answer)) if is_unsupported(&answer) => {
                StoreError::unsupported(format!(
                    "this store has no conditional writes: {}",
                    Refusal { answer }
                ))
            }
            (_, _, failure) => self.fail(failure),
        }
    }

    fn put_mode(&self, condition: &Condition) -> std::result::Result<PutMode, Failure> {
        let dialect = &self.server.0.dialect;
        if *condition != Condition::None {
            dialect.check_conditions()?;
        }
        Ok(match condition {
            Condition::None => PutMode::Overwrite,
            Condition::Absent => PutMode::Create,
            Condition::Unchanged(version) => PutMode::Update(UpdateVersion {
                e_tag: Some(dialect.e_tag(version)?),
                version: None,
            }),
        })
    }
}

fn is_unsupported(answer: &Answer) -> bool {
    answer.status == StatusCode::NOT_IMPLEMENTED || answer.code.as_deref() == Some("NotImplemented")
}

/// Whether the object is still the one that the condition names.
fn is_expected(seen: &Seen, condition: &Condition) -> bool {
    let bare = |e_tag: &str| e_tag.trim_matches('"').to_owned();
    match (condition, seen.entry.version.e_tag()) {
        (Condition::Unchanged(read), Some(now)) => read.e_tag().map(bare) == Some(bare(now)),
        _ => false,
    }
}

/// Whether the object was there before the first attempt, by the server's own clock: then no
/// attempt to create it can have been applied since.
fn is_older(seen: &Seen, retry: &Retry<'_>) -> bool {
    let began = seen
        .date
        .zip(TimeDelta::from_std(retry.elapsed()).ok())
        .and_then(|(date, elapsed)| date.checked_sub_signed(elapsed + CLOCK_SLACK));
    began.is_some_and(|began| seen.entry.last_modified < began)
}
