//! How one server wants conditions, as far as the user said or it was found out.

use std::sync::atomic::{AtomicBool, Ordering};

use super::failure::Failure;
use super::options::ConditionalPut;
use crate::store::{ETagForm, StoreError, Version};

/// What is known of a server. Its buckets share it.
#[derive(Debug, Default)]
pub(super) struct Dialect {
    /// None where it is to be found out.
    settled: Option<ConditionalPut>,
    bare_e_tags: AtomicBool,
}

impl Dialect {
    /// What the user said; nothing where it is to be found out.
    pub(super) fn new(settled: Option<ConditionalPut>) -> Self {
        Self {
            settled,
            bare_e_tags: AtomicBool::new(settled == Some(ConditionalPut::UnquotedETag)),
        }
    }

    pub(super) fn e_tag_form(&self) -> ETagForm {
        match self.bare_e_tags.load(Ordering::Relaxed) {
            true => ETagForm::Bare,
            false => ETagForm::Quoted,
        }
    }

    #[allow(dead_code, reason = "for the check that tries both")]
    /// Whether ETags go in this form from now on.
    pub(super) fn set_e_tag_form(&self, form: ETagForm) -> bool {
        if self.settled.is_none() {
            let bare = form == ETagForm::Bare;
            self.bare_e_tags.store(bare, Ordering::Relaxed);
        }
        form == self.e_tag_form()
    }

    /// Refuses what needs a condition where the user said that there are none.
    pub(super) fn check_conditions(&self) -> Result<(), Failure> {
        match self.settled {
            Some(ConditionalPut::Disabled) => Err(unsupported(
                "conditional writes are switched off for this store, which does not honour them",
            )),
            _ => Ok(()),
        }
    }

    /// The version's ETag as it stands in a condition.
    pub(super) fn e_tag(&self, version: &Version) -> Result<String, Failure> {
        self.check_conditions()?;
        let e_tag = match (version.e_tag(), self.e_tag_form()) {
            (None | Some(""), _) => {
                return Err(unsupported(
                    "the store gave no ETag when the row was read, so it can't tell if it changed",
                ));
            }
            (Some(e_tag), ETagForm::Bare) => e_tag.trim_matches('"'),
            (Some(e_tag), ETagForm::Quoted) => e_tag,
        };
        match e_tag.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            true => Ok(e_tag.to_owned()),
            false => Err(unsupported("the ETag can't be sent back in a header")),
        }
    }
}

fn unsupported(what: &'static str) -> Failure {
    Failure::Local(StoreError::unsupported(what))
}
