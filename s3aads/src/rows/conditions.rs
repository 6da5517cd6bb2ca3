//! Which conditions of writes a store honours: known, remembered, or found out by trying.
//!
//! Some stores accept a condition and ignore it, and a write that believed in it would overwrite in
//! silence. So on a store of which it is not known, the first conditional write of a handle reads
//! what an earlier check left under `_s3aads/conditions/`, or makes one ([`probe`]) and leaves it
//! there for the next. The file is named after the endpoint, since a bucket may be reached by
//! several, and holds JSON:
//!
//! ```json
//! {"format":1,"endpoint":"http://127.0.0.1:9000","checked":"2026-01-31T12:00:00Z",
//!  "e_tags":"quoted","creates":"honoured","updates":"honoured","deletes":"ignored",
//!  "bulk_deletes":"ignored","copies":"refused"}
//! ```

use std::fmt;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use object_store::{Attribute, Attributes};
use serde::{Deserialize, Serialize};

use super::probe;
use super::session::{RESERVED, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::key::encode_segment;
use crate::store::{Conditions, ETagForm, PutRequest, Reason};

/// What one trial showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Capability {
    /// The store does it.
    Honoured,
    /// The store accepts the request and does not do it: the dangerous answer.
    Ignored,
    /// The store refuses the request.
    Refused,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Honoured => "yes",
            Self::Ignored => "no: accepted and ignored",
            Self::Refused => "no: refused",
        })
    }
}

/// What a write needs of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A write of a free key only.
    Create,
    /// A write over what was read only.
    Update,
    /// A delete of what was read only.
    Delete,
    /// A copy to a free key only, made by the server.
    Copy,
}

/// What a store does with each condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Honoured {
    pub(crate) creates: Capability,
    pub(crate) updates: Capability,
    pub(crate) deletes: Capability,
    pub(crate) bulk_deletes: Capability,
    pub(crate) copies: Capability,
}

impl Honoured {
    const fn all(capability: Capability) -> Self {
        Self {
            creates: capability,
            updates: capability,
            deletes: capability,
            bulk_deletes: capability,
            copies: capability,
        }
    }

    pub(crate) fn meets(&self, need: Need) -> bool {
        let capability = match need {
            Need::Create => self.creates,
            Need::Update => self.updates,
            Need::Delete => self.deletes,
            Need::Copy => self.copies,
        };
        capability == Capability::Honoured
    }
}

/// What a handle and its clones know of the store's conditions.
#[derive(Debug, Default)]
pub(crate) struct Trust {
    told: Mutex<Conditions>,
    found: Mutex<Option<Honoured>>,
    /// Held while one of them finds out, so that the others wait for its answer.
    finding: tokio::sync::Mutex<()>,
}

impl Trust {
    fn found(&self) -> Option<Honoured> {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The remembered outcome of a check.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    format: u32,
    endpoint: String,
    checked: DateTime<Utc>,
    e_tags: ETagForm,
    #[serde(flatten)]
    honoured: Honoured,
}

/// The form of the file that this release writes; another one is checked anew.
const FORMAT: u32 = 1;

impl Session {
    /// Believes of the conditions what the user says.
    pub(crate) fn set_conditions(&self, conditions: Conditions) {
        let told = &self.trust.told;
        *told.lock().unwrap_or_else(PoisonError::into_inner) = conditions;
    }

    /// Takes over what was found out by trying.
    pub(crate) fn learn(&self, honoured: Honoured) {
        let found = &self.trust.found;
        *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(honoured);
    }

    /// What can be said without a request.
    fn known(&self) -> Option<Honoured> {
        let told = &self.trust.told;
        let told = *told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(believed) = self.believed(told) {
            return Some(believed);
        }
        let found = self.trust.found();
        found.or_else(|| self.believed(self.backend().features().conditions))
    }

    fn believed(&self, conditions: Conditions) -> Option<Honoured> {
        let capability = match conditions {
            Conditions::Checked => return None,
            Conditions::Assumed => Capability::Honoured,
            Conditions::Refused => Capability::Refused,
        };
        let mut honoured = Honoured::all(capability);
        if !self.backend().features().conditional_delete {
            honoured.deletes = Capability::Refused;
            honoured.bulk_deletes = Capability::Refused;
        }
        Some(honoured)
    }

    /// What the store does with conditions. Sends nothing where it is known, else reads what is
    /// remembered, else finds out.
    pub(crate) async fn honoured(&self) -> Result<Honoured> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let _finding = self.trust.finding.lock().await;
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let honoured = match self.recall().await? {
            Some(honoured) => honoured,
            None => {
                let tried = probe::conditions(self, probe::FEW).await;
                let honoured = tried.map_err(|error| {
                    self.fail(error, "find out which conditions the store honours")
                        .note("`with_conditions` sets what is believed")
                })?;
                self.remember(&honoured).await;
                honoured
            }
        };
        self.learn(honoured);
        Ok(honoured)
    }

    /// Whether the store is known to honour a condition; sends nothing.
    pub(crate) fn knows_to_meet(&self, need: Need) -> bool {
        self.known().is_some_and(|honoured| honoured.meets(need))
    }

    /// Refuses what the store can't be trusted with.
    pub(crate) async fn require(&self, needs: &[Need]) -> Result<()> {
        let honoured = self.honoured().await?;
        match needs.iter().find(|need| !honoured.meets(**need)) {
            None => Ok(()),
            Some(need) => {
                Err(Error::new(ErrorKind::Unsupported, unmet(*need)).in_database(self.name()))
            }
        }
    }

    fn conditions_path(&self) -> String {
        let endpoint = self.backend().endpoint();
        let segment = encode_segment(&endpoint);
        format!("{}conditions/{segment}.json", self.root(RESERVED))
    }

    /// The remembered outcome of a check of this endpoint.
    async fn recall(&self) -> Result<Option<Honoured>> {
        let path = self.conditions_path();
        let object = match self.backend().get(&path, self.meter()).await {
            Ok(object) => object,
            Err(error) if error.reason() == Reason::NotFound => return Ok(None),
            Err(error) => {
                let doing = "read which conditions the store was found to honour";
                return Err(self.fail(error, doing).at_key(path));
            }
        };
        let remembered: Option<Remembered> = serde_json::from_slice(&object.body).ok();
        let remembered = remembered.filter(|remembered| {
            remembered.format == FORMAT && remembered.endpoint == self.backend().endpoint()
        });
        Ok(remembered.map(|remembered| {
            self.backend().set_e_tag_form(remembered.e_tags);
            remembered.honoured
        }))
    }

    /// Leaves the outcome of a check for the next handle, which else finds out again.
    pub(crate) async fn remember(&self, honoured: &Honoured) {
        let remembered = Remembered {
            format: FORMAT,
            endpoint: self.backend().endpoint(),
            checked: Utc::now(),
            e_tags: self.backend().e_tag_form(),
            honoured: *honoured,
        };
        let Ok(json) = serde_json::to_vec(&remembered) else {
            return;
        };
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "application/json".into());
        let request = PutRequest {
            attributes,
            ..PutRequest::default()
        };
        let path = self.conditions_path();
        let put = self
            .backend()
            .put(&path, Bytes::from(json), request, self.meter());
        if let Err(error) = put.await {
            tracing::warn!(%error, path, "the outcome of the check can't be remembered");
        }
    }
}

/// Why what needs it is refused.
fn unmet(need: Need) -> &'static str {
    match need {
        Need::Create => {
            "this store does not honour `If-None-Match` on a PUT, so the row could overwrite another; \
             use `upsert` if that is wanted"
        }
        Need::Update => {
            "this store does not honour `If-Match` on a PUT, so the row could overwrite a change that \
             was made since it was read; use `upsert` if that is wanted"
        }
        Need::Delete => {
            "this store does not honour `If-Match` on a DELETE, so a change that is made meanwhile \
             could be lost; use `delete` (and `copy` before it, to move a row) if nobody else writes"
        }
        Need::Copy => "this store does not honour `If-None-Match` on a copy",
    }
}
