//! Read, change, write, and again where another writer was faster.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::rows::as_conflict;
use super::{S3Table, Table};
use crate::error::{ErrorKind, Result};

/// How often a race may be lost before it is a `Conflict`.
const TRIES: u32 = 32;

/// The pause after the first lost race; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

impl<T: S3Table> Table<T> {
    /// Reads a row, changes it and writes it back over the version that was read, and does it again
    /// where another writer was faster; returns the row as it is now. Sends 2 requests without a
    /// race, 2 more for each one lost, and only the first where the change changes nothing.
    ///
    /// `change` may run more than once, each time on a freshly read row.
    ///
    /// # Errors
    ///
    /// `NotFound` where there is no row of this key; `Conflict` after 32 lost races; `InvalidKey` where
    /// `change` alters a key column ([`rename`](Self::rename) does that); otherwise as
    /// [`select`](Self::select) and [`update`](Self::update).
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(S3Table)]
    /// # struct Counter { #[s3(key)] name: String, value: u64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// # let db = Database::open("memory:///modify")?;
    /// # db.create().await?;
    /// # let counters = db.table::<Counter>();
    /// # counters.insert(&Counter { name: "visits".into(), value: 1 }).await?;
    /// let visits = counters.modify("visits", |visits| visits.value += 1).await?;
    /// assert_eq!(visits.value, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn modify<'a, K, F>(&'a self, key: K, change: F) -> BoxFuture<'a, Result<T>>
    where
        K: Into<T::Key>,
        F: FnMut(&mut T) + Send + 'a,
    {
        self.modify_key(key.into(), change).boxed()
    }

    async fn modify_key<F>(&self, key: T::Key, mut change: F) -> Result<T>
    where
        F: FnMut(&mut T) + Send,
    {
        for lost in 0..TRIES {
            let mut versioned = self
                .fetch(key.clone())
                .await?
                .ok_or_else(|| self.absent(&key))?;
            let before = self.body(&versioned.row)?;
            change(&mut versioned.row);
            if versioned.row.to_key() != key {
                return Err(self
                    .core()
                    .error(
                        ErrorKind::InvalidKey,
                        "a change can't alter the key; `rename` moves a row",
                    )
                    .at_key(&key));
            }
            if self.body(&versioned.row)? == before {
                return Ok(versioned.row);
            }
            match self.update(&versioned).await.map_err(as_conflict) {
                Ok(_) => return Ok(versioned.row),
                Err(error) if error.kind() == ErrorKind::Conflict => {
                    tokio::time::sleep(pause(lost)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(self
            .core()
            .error(
                ErrorKind::Conflict,
                format!("other writers were faster {TRIES} times in a row; try again later"),
            )
            .at_key(&key))
    }
}

/// A random pause, so that writers that collided do not collide again.
fn pause(lost: u32) -> Duration {
    let longest = FIRST_PAUSE
        .saturating_mul(1 << lost.min(16))
        .min(LONGEST_PAUSE);
    longest.mul_f64(fastrand::f64())
}
