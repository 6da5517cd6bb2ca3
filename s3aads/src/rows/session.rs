//! One open database, as the layers below its handle need it: the store, where the database starts
//! in it, what counts the requests, and what is known of the store's conditions.

use std::fmt;
use std::sync::Arc;

use super::conditions::Trust;
use super::pack::Packs;
use super::stored_schema::Schemas;
use crate::error::Error;
use crate::fault::store_error;
use crate::key::encode_segment;
use crate::store::{Backend, Meter, StoreError};

/// The table that holds what the library writes for itself.
pub(crate) const RESERVED: &str = "_s3aads";

/// An open database.
pub(crate) struct Session {
    name: String,
    /// Empty, or ends in `/`.
    prefix: String,
    backend: Arc<dyn Backend>,
    meter: Meter,
    pub(super) trust: Trust,
    pub(super) schemas: Schemas,
    pub(super) packs: Packs,
}

impl Session {
    pub(crate) fn new(name: String, prefix: String, backend: Arc<dyn Backend>) -> Self {
        Self {
            name,
            prefix,
            backend,
            meter: Meter::default(),
            trust: Trust::default(),
            schemas: Schemas::default(),
            packs: Packs::default(),
        }
    }

    /// The database's name: the bucket's or the folder's.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where the database's keys start in the store; empty, or ends in `/`.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Where a table's keys start: `[<prefix>/]<table>/`.
    pub(crate) fn root(&self, table: &str) -> String {
        format!("{}{}/", self.prefix, encode_segment(table))
    }

    /// The most bytes that a pack may have.
    pub(crate) fn max_pack_size(&self) -> usize {
        self.packs.max_size()
    }

    pub(crate) fn set_max_pack_size(&self, bytes: usize) {
        self.packs.set_max_size(bytes);
    }

    /// Names the database in a store's error.
    pub(crate) fn fail(&self, error: StoreError, doing: &str) -> Error {
        store_error(error, doing).in_database(&self.name)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("name", &self.name)
            .field("prefix", &self.prefix)
            .field("store", &self.backend.features().name)
            .finish()
    }
}
