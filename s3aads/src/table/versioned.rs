//! A row with the version it was read at.

use std::ops::{Deref, DerefMut};

use crate::store::Version;

/// A row, and which writing of it was read; derefs to the row.
///
/// ```
/// # use s3aads::{Database, S3Table};
/// # #[derive(S3Table)]
/// # struct Counter { #[s3(key)] name: String, value: u64 }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> s3aads::Result<()> {
/// # let db = Database::open("memory:///versioned")?;
/// # db.create().await?;
/// # let counters = db.table::<Counter>();
/// counters.insert(&Counter { name: "visits".into(), value: 1 }).await?;
/// let mut visits = counters.select_versioned("visits").await?.expect("it was inserted");
/// visits.value += 1;
/// visits.version = counters.update(&visits).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Versioned<T> {
    /// The row.
    pub row: T,
    /// Which writing of it this is.
    pub version: Version,
}

impl<T> Versioned<T> {
    pub(crate) fn new(row: T, version: Version) -> Self {
        Self { row, version }
    }
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

impl<T> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.row
    }
}
