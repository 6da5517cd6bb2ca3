//! Preconditions of reads and writes.

use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};

use super::options::Options;
use super::state::Object;

fn holds(condition: &ETagCondition, object: &Object) -> bool {
    match condition.as_etag() {
        Some(etag) => etag.value() == object.etag_value(),
        None => true,
    }
}

fn failed(header: &str) -> s3s::S3Error {
    s3_error!(PreconditionFailed, "the condition {header} does not hold")
}

/// The conditions of a write on what it would replace.
#[derive(Debug, Default)]
pub(super) struct WriteConditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    /// Whether the write may go ahead over `existing`. To be called under the lock that the write holds.
    pub(super) fn check(&self, existing: Option<&Object>, options: Options) -> S3Result<()> {
        if self.if_match.is_none() && self.if_none_match.is_none() {
            return Ok(());
        }
        if options.refuse_conditional_puts {
            return Err(s3_error!(
                NotImplemented,
                "conditional writes are not implemented"
            ));
        }
        if options.ignore_conditions {
            return Ok(());
        }
        match (&self.if_match, existing) {
            (Some(_), None) if options.ignore_conditions_on_absent => {}
            (Some(_), None) => return Err(s3_error!(NoSuchKey, "If-Match on an absent object")),
            (Some(condition), Some(object)) if !holds(condition, object) => {
                return Err(failed("If-Match"));
            }
            _ => {}
        }
        match &self.if_none_match {
            Some(condition) if !condition.is_any() => Err(s3_error!(
                NotImplemented,
                "writes take no If-None-Match but *"
            )),
            Some(_) if existing.is_some() => Err(failed("If-None-Match")),
            _ => Ok(()),
        }
    }
}

/// The conditions of a read, or of a copy on its source.
#[derive(Debug, Default)]
pub(super) struct ReadConditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

pub(super) enum ReadAnswer {
    Proceed,
    /// The reader has it already.
    NotModified,
}

impl ReadConditions {
    /// ETag conditions go before dates, as RFC 9110 (13.2.2) orders them.
    pub(super) fn check(&self, object: &Object) -> S3Result<ReadAnswer> {
        let modified = object.last_modified();
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) if !holds(condition, object) => return Err(failed("If-Match")),
            (None, Some(since)) if modified > *since => return Err(failed("If-Unmodified-Since")),
            _ => {}
        }
        let unchanged = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => holds(condition, object),
            (None, Some(since)) => modified <= *since,
            (None, None) => false,
        };
        Ok(if unchanged {
            ReadAnswer::NotModified
        } else {
            ReadAnswer::Proceed
        })
    }
}
