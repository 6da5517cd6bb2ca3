//! URLs by which others read or write one row, without credentials.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{S3Table, Table};
use crate::error::Result;
use crate::store::Access;

impl<T: S3Table> Table<T> {
    /// A URL by which anyone can read the body of a row for as long as `valid` says, by a plain GET
    /// without credentials: a browser, say. Sends nothing, unless credentials have to be fetched.
    ///
    /// The URL is a secret, as it holds the signature. It can't be taken back, and it ends early if the
    /// credentials that signed it do: those of a role last an hour or some. What is read by it is not in
    /// [`Database::usage`](crate::Database::usage).
    ///
    /// # Errors
    ///
    /// `Unsupported` on a store that does not sign (all but S3 and what speaks its protocol), without
    /// credentials, and on packed tables, whose rows share objects; `InvalidConfig` for less than a
    /// second or more than seven days; `InvalidKey`; `PermissionDenied` if no credentials could be
    /// fetched.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(S3Table)]
    /// # struct Picture { #[s3(key)] name: String, #[s3(bytes)] png: Vec<u8> }
    /// # async fn show(db: &Database) -> s3aads::Result<()> {
    /// let pictures = db.table::<Picture>();
    /// let url = pictures.presign_get("logo", Duration::from_secs(300)).await?;
    /// println!("<img src='{url}'>");
    /// # Ok(())
    /// # }
    /// ```
    pub fn presign_get<K: Into<T::Key>>(
        &self,
        key: K,
        valid: Duration,
    ) -> BoxFuture<'_, Result<String>> {
        self.presign(key.into(), Access::Read, valid).boxed()
    }

    /// A URL by which anyone can write the body of a row for as long as `valid` says, by a plain PUT
    /// without credentials. Sends nothing, unless credentials have to be fetched, or
    /// the stored schema as before any write.
    ///
    /// It writes as [`upsert`](Self::upsert) does, over the row that is there, as often as it is used, and
    /// nothing looks at the body. So it is for `#[s3(bytes)]` and `#[s3(text)]`, or for clients that are
    /// trusted with the body's form; [`verify`](Self::verify) finds bodies that do not decode.
    ///
    /// # Errors
    ///
    /// As [`presign_get`](Self::presign_get), and as those of a write to a table that requires what this
    /// program lacks.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(S3Table)]
    /// # struct Picture { #[s3(key)] name: String, #[s3(bytes)] png: Vec<u8> }
    /// # async fn show(db: &Database) -> s3aads::Result<()> {
    /// let pictures = db.table::<Picture>();
    /// let url = pictures.presign_put("logo", Duration::from_secs(300)).await?;
    /// println!("curl -T logo.png '{url}'");
    /// # Ok(())
    /// # }
    /// ```
    pub fn presign_put<K: Into<T::Key>>(
        &self,
        key: K,
        valid: Duration,
    ) -> BoxFuture<'_, Result<String>> {
        self.presign(key.into(), Access::Write, valid).boxed()
    }

    async fn presign(&self, key: T::Key, access: Access, valid: Duration) -> Result<String> {
        let path = self.path(&key)?;
        self.rows.presign(&path, access, valid).await
    }
}
