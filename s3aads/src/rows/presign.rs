//! URLs by which others read or write a row's object.

use std::time::Duration;

use super::Rows;
use crate::error::{ErrorKind, Result};
use crate::store::Access;

impl Rows {
    /// A URL that allows one kind of request for the row's object.
    pub(crate) async fn presign(
        &self,
        path: &str,
        access: Access,
        valid: Duration,
    ) -> Result<String> {
        if self.is_packed() {
            let message = "a URL is for an object, and a packed row shares its object with others; read or \
                           write the row by the table's methods";
            return Err(self.error(ErrorKind::Unsupported, message).at_key(path));
        }
        if access == Access::Write && self.is_indexed() {
            let message = "a row that is written by a URL gets no entries in the table's indexes; write it by the \
                           table's methods";
            return Err(self.error(ErrorKind::Unsupported, message).at_key(path));
        }
        let full = self.full(path)?;
        if access == Access::Write {
            self.admit().await?;
        }
        let signed = self.session.backend().presign(&full, access, valid).await;
        signed.map_err(|error| self.fail(error, "sign a URL for the row", path))
    }
}
