//! Finds out by trying which conditions a store honours.

use bytes::Bytes;
use futures_util::future::join_all;

use super::conditions::{Capability, Honoured};
use super::delete::{Deleter, InFlight};
use super::session::{RESERVED, Session};
use crate::store::{
    Condition, Deletion, ETagForm, PutRequest, Reason, Result, StoreError, Version,
};

/// How many creates of one key are sent at once for a write that waits: one winner shows that the
/// condition is honoured.
pub(crate) const FEW: usize = 2;

/// What an object is not.
fn stale() -> Version {
    let e_tag = "\"0123456789abcdef0123456789abcdef\"".to_owned();
    Version::new(Some(e_tag), Some("1".to_owned()))
}

/// Tries each condition on objects of its own, and removes them. `creates` of one key are sent at
/// once.
pub(crate) async fn conditions(session: &Session, creates: usize) -> Result<Honoured> {
    let id = fastrand::u128(..);
    let folder = format!("{}check/{id:032x}/", session.root(RESERVED));
    let trial = Trial { session, folder };
    let found = trial.run(creates).await;
    trial.clean_up().await;
    found
}

struct Trial<'a> {
    session: &'a Session,
    folder: String,
}

impl Trial<'_> {
    async fn run(&self, creates: usize) -> Result<Honoured> {
        let (creates, version) = self.creates(creates).await?;
        let (updates, version) = self.updates(version).await?;
        let copies = self.copies().await?;
        let bulk_deletes = self.bulk_deletes().await?;
        let deletes = self.deletes(bulk_deletes, version).await?;
        Ok(Honoured {
            creates,
            updates,
            deletes,
            bulk_deletes,
            copies,
        })
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    async fn put(&self, condition: Condition) -> Result<Version> {
        self.put_at("row", condition).await
    }

    async fn put_at(&self, name: &str, condition: Condition) -> Result<Version> {
        let request = PutRequest {
            condition,
            ..PutRequest::default()
        };
        // No two bodies alike, since an ETag may be made of the body.
        let body = Bytes::from(format!("{:032x}", fastrand::u128(..)));
        let (backend, meter) = (self.session.backend(), self.session.meter());
        backend.put(&self.path(name), body, request, meter).await
    }

    /// Of creates that are sent at once one succeeds.
    async fn creates(&self, creates: usize) -> Result<(Capability, Version)> {
        let creates = (0..creates).map(|_| self.put(Condition::Absent));
        let mut won = Vec::new();
        for answer in join_all(creates).await {
            match answer {
                Ok(version) => won.push(version),
                Err(error) if error.reason() == Reason::AlreadyExists => {}
                Err(error) if error.reason() == Reason::Unsupported => {
                    return Ok((Capability::Refused, self.put(Condition::None).await?));
                }
                Err(error) => return Err(error),
            }
        }
        match <[Version; 1]>::try_from(won) {
            Ok([version]) => Ok((Capability::Honoured, version)),
            Err(_) => Ok((Capability::Ignored, self.put(Condition::None).await?)),
        }
    }

    /// A wrong version is refused and the right one is not, with its quotes or without them. An object that is not there has
    /// no version: MinIO wrote it all the same until August 2025, which would have brought deleted rows back.
    async fn updates(&self, version: Version) -> Result<(Capability, Version)> {
        match self.put_at("absent", Condition::Unchanged(stale())).await {
            Ok(_) => return Ok((Capability::Ignored, version)),
            Err(error) if error.reason() == Reason::Changed => {}
            Err(error) => return Ok((refused(error)?, version)),
        }
        match self.put(Condition::Unchanged(stale())).await {
            Ok(version) => return Ok((Capability::Ignored, version)),
            Err(error) if error.reason() == Reason::Changed => {}
            Err(error) => return Ok((refused(error)?, version)),
        }
        let backend = self.session.backend();
        let before = backend.e_tag_form();
        for form in [before, other(before)] {
            if !backend.set_e_tag_form(form) {
                continue;
            }
            match self.put(Condition::Unchanged(version.clone())).await {
                Ok(version) => return Ok((Capability::Honoured, version)),
                Err(error) if error.reason() == Reason::Changed => {}
                Err(error) => {
                    backend.set_e_tag_form(before);
                    return Ok((refused(error)?, version));
                }
            }
        }
        backend.set_e_tag_form(before);
        Ok((Capability::Refused, version))
    }

    /// A copy to a free key succeeds, and a second one does not.
    async fn copies(&self) -> Result<Capability> {
        let backend = self.session.backend();
        let (from, to) = (self.path("row"), self.path("copy"));
        let copy = || backend.copy(backend, &from, &to, Condition::Absent, self.session.meter());
        if let Err(error) = copy().await {
            return refused(error);
        }
        match copy().await {
            Ok(_) => Ok(Capability::Ignored),
            Err(error) if error.reason() == Reason::AlreadyExists => Ok(Capability::Honoured),
            Err(error) => refused(error),
        }
    }

    /// A wrong version is not deleted.
    async fn bulk_deletes(&self) -> Result<Capability> {
        let backend = self.session.backend();
        if !backend.features().bulk_delete || !backend.features().conditional_delete {
            return Ok(Capability::Refused);
        }
        let deletion = Deletion {
            key: self.path("row"),
            version: Some(stale()),
        };
        let outcomes = backend.delete_many(&[deletion], self.session.meter()).await;
        match outcomes.into_iter().flatten().next() {
            Some(Err(error)) if error.reason() == Reason::Changed => Ok(Capability::Honoured),
            Some(Err(error)) => refused(error),
            Some(Ok(())) => Ok(Capability::Ignored),
            None => Ok(Capability::Refused),
        }
    }

    /// A wrong version is not deleted, and the right one is.
    async fn deletes(&self, in_bulk: Capability, version: Version) -> Result<Capability> {
        let (backend, meter) = (self.session.backend(), self.session.meter());
        if !backend.features().conditional_delete {
            return Ok(Capability::Refused);
        }
        let version = match in_bulk {
            // It may be gone.
            Capability::Ignored => self.put(Condition::None).await?,
            _ => version,
        };
        let path = self.path("row");
        match backend.delete(&path, Some(&stale()), meter).await {
            Ok(()) => return Ok(Capability::Ignored),
            Err(error) if error.reason() == Reason::Changed => {}
            Err(error) => return refused(error),
        }
        match backend.delete(&path, Some(&version), meter).await {
            Ok(()) => Ok(Capability::Honoured),
            Err(error) if error.reason() == Reason::Changed => Ok(Capability::Refused),
            Err(error) => refused(error),
        }
    }

    /// What is left is under a name that is never used again and that no table shows.
    async fn clean_up(&self) {
        let left = ["row", "absent", "copy"].map(|name| Deletion::from(self.path(name)));
        let limit = InFlight::new(left.len());
        let deleter = Deleter::new(self.session, self.session.meter(), limit);
        for outcome in deleter.delete(left.into()).await {
            if let Err(error) = outcome {
                tracing::warn!(%error, folder = self.folder, "a check left an object behind");
            }
        }
    }
}

fn other(form: ETagForm) -> ETagForm {
    match form {
        ETagForm::Quoted => ETagForm::Bare,
        ETagForm::Bare => ETagForm::Quoted,
    }
}

/// A store that refuses is one thing; a store that can't be asked is an error.
fn refused(error: StoreError) -> Result<Capability> {
    match error.reason() {
        Reason::NoDatabase | Reason::BudgetSpent | Reason::Unavailable | Reason::Indeterminate => {
            Err(error)
        }
        _ => Ok(Capability::Refused),
    }
}
