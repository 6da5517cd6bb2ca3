//! How one server wants conditions, as far as the user said or it was found out.

use std::sync::atomic::{AtomicBool, Ordering};

use super::config::ConditionalPut;
use crate::store::{Conditions, ETagForm, Result, StoreError, Version};

/// What is known of a server. Its buckets share it.
#[derive(Debug, Default)]
pub(super) struct Dialect {
    /// None where it is to be found out.
    settled: Option<ConditionalPut>,
    bare_e_tags: AtomicBool,
    /// It refused a bulk delete, or one with an ETag.
    no_bulk_deletes: AtomicBool,
    no_bulk_conditions: AtomicBool,
}

impl Dialect {
    /// What the user said; nothing where it is to be found out.
    pub(super) fn new(settled: Option<ConditionalPut>) -> Self {
        Self {
            settled,
            bare_e_tags: AtomicBool::new(settled == Some(ConditionalPut::UnquotedETag)),
            ..Self::default()
        }
    }

    /// What is believed of the server's conditions: who tells how they are written says that they hold.
    pub(super) fn conditions(&self, on_amazon: bool) -> Conditions {
        match self.settled {
            Some(ConditionalPut::Disabled) => Conditions::Refused,
            Some(_) => Conditions::Assumed,
            None if on_amazon => Conditions::Assumed,
            None => Conditions::Checked,
        }
    }

    pub(super) fn e_tag_form(&self) -> ETagForm {
        if self.bare_e_tags.load(Ordering::Relaxed) {
            ETagForm::Bare
        } else {
            ETagForm::Quoted
        }
    }

    /// Whether ETags go in this form from now on.
    pub(super) fn set_e_tag_form(&self, form: ETagForm) -> bool {
        if self.settled.is_none() {
            let bare = form == ETagForm::Bare;
            self.bare_e_tags.store(bare, Ordering::Relaxed);
        }
        form == self.e_tag_form()
    }

    /// Whether the server takes bulk deletes, as far as is known.
    pub(super) fn deletes_in_bulk(&self, conditional: bool) -> bool {
        let refused = self.no_bulk_deletes.load(Ordering::Relaxed);
        !refused && (!conditional || !self.no_bulk_conditions.load(Ordering::Relaxed))
    }

    pub(super) fn set_no_bulk_deletes(&self) {
        self.no_bulk_deletes.store(true, Ordering::Relaxed);
    }

    pub(super) fn set_no_bulk_conditions(&self) {
        self.no_bulk_conditions.store(true, Ordering::Relaxed);
    }

    /// Refuses what needs a condition where the user said that there are none.
    pub(super) fn check_conditions(&self) -> Result<()> {
        match self.settled {
            Some(ConditionalPut::Disabled) => Err(StoreError::unsupported(
                "conditional writes are switched off for this store, which does not honour them",
            )),
            _ => Ok(()),
        }
    }

    /// The version's ETag as it stands in a condition.
    pub(super) fn e_tag(&self, version: &Version) -> Result<String> {
        self.check_conditions()?;
        let e_tag = match (version.e_tag(), self.e_tag_form()) {
            (None | Some(""), _) => {
                return Err(StoreError::unsupported(
                    "the store gave no ETag when the row was read, so it can't tell if it changed",
                ));
            }
            (Some(e_tag), ETagForm::Bare) => e_tag.trim_matches('"'),
            (Some(e_tag), ETagForm::Quoted) => e_tag,
        };
        if e_tag.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            Ok(e_tag.to_owned())
        } else {
            Err(StoreError::unsupported(
                "the ETag can't be sent back in a header",
            ))
        }
    }
}
