//! Copies of rows into tables with indexes.

use super::Rows;
use crate::error::{ErrorKind, Result};
use crate::store::{Condition, Copied};

impl Rows {
    /// Copies a row through this process: the copy has entries of its own.
    pub(in crate::rows) async fn copy_to_indexed(
        &self,
        from: &str,
        target: &Self,
        to: &str,
        condition: Condition,
    ) -> Result<Copied> {
        let Some(object) = self.object(from, self.session.meter()).await? else {
            let message = "can't read the row to copy: it is not there";
            return Err(self.error(ErrorKind::NotFound, message).at_key(from));
        };
        Ok(Copied {
            target: target.put_kept(to, &object, condition).await?,
            source: object.entry.version,
        })
    }
}
