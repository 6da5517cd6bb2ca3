//! Writes that were given up, and may have been applied all the same.

use std::future::Future;

use super::S3Backend;
use super::failure::{Failure, Fate};
use super::retry::Retry;
use crate::store::{Reason, StoreError};

impl S3Backend {
    /// Sends a write that may be sent any number of times, until it succeeds or it is no use to try
    /// again. It is refused only where no attempt can have been applied, else in doubt.
    pub(super) async fn writing<T, F>(
        &self,
        mut attempt: impl FnMut() -> F + Send,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send,
    {
        let mut retry = Retry::new(&self.server.0.client.retry);
        let mut doubt = Fate::Void;
        loop {
            let failure = match attempt().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            doubt = doubt.max(failure.fate());
            if retry.again(&failure).await {
                continue;
            }
            return Err(match doubt {
                Fate::Void => failure,
                doubt => Failure::Local(self.in_doubt(
                    &format!("{} ({} retries)", given_up(doubt), retry.retries()),
                    failure,
                )),
            });
        }
    }

    /// The error of a write of which it can't be told whether it took effect; `failure` is why it
    /// was given up.
    pub(super) fn in_doubt(&self, what: &str, failure: Failure) -> StoreError {
        StoreError::new(Reason::Indeterminate, what).with_source(self.fail(failure))
    }
}

/// What is known of a write that was given up.
pub(super) fn given_up(doubt: Fate) -> &'static str {
    match doubt {
        Fate::Open => "an attempt got no answer and may yet be carried out",
        _ => "an attempt got no clear answer and may have been carried out",
    }
}
