//! Rows under other keys.

use super::Rows;
use crate::error::{Error, ErrorKind, Result};
use crate::options::WriteOptions;
use crate::pack::{LineError, Place};
use crate::schema::Layout;
use crate::store::Condition;

/// Why a row was not moved.
enum Stay {
    Absent,
    Taken,
    Unwritable(LineError),
}

impl Rows {
    /// Moves the row to a free key; false if there is none. Within a pack it is one commit; between
    /// packs the row is under both keys for a moment, as it is between objects.
    pub(in crate::rows) async fn rename_packed(&self, from: &str, to: &str) -> Result<bool> {
        let (old, new) = (self.packed_place(from)?, self.packed_place(to)?);
        self.full(&new.pack)?;
        if old.pack == new.pack {
            return self.rename_within(from, to, &old, &new).await;
        }
        self.rename_by_writes(from, to).await
    }

    async fn rename_within(&self, from: &str, to: &str, old: &Place, new: &Place) -> Result<bool> {
        let moved = self.transact(&old.pack, |rows| {
            let body = rows.get(&old.texts).ok_or(Stay::Absent)?;
            if rows.get(&new.texts).is_some() {
                return Err(Stay::Taken);
            }
            rows.put(&new.texts, &body).map_err(Stay::Unwritable)?;
            rows.remove(&old.texts);
            Ok(())
        });
        match moved.await? {
            Ok(()) => Ok(true),
            Err(Stay::Absent) => Ok(false),
            Err(Stay::Taken) => Err(self.taken(to)),
            Err(Stay::Unwritable(why)) => Err(self.unwritable(&why, from)),
        }
    }

    /// The object that holds the row of a key path.
    fn object_path(&self, path: &str) -> Result<String> {
        if self.is_packed() {
            Ok(self.packed_place(path)?.pack)
        } else {
            Ok(path.to_owned())
        }
    }

    fn taken(&self, to: &str) -> Error {
        let message = "can't write the row: it is there already";
        self.error(ErrorKind::AlreadyExists, message).at_key(to)
    }

    /// Copies a row through this process, where one of the tables is packed.
    pub(in crate::rows) async fn copy_packed(
        &self,
        from: &str,
        target: &Self,
        to: &str,
        condition: Condition,
    ) -> Result<()> {
        target.full(&target.object_path(to)?)?;
        let row = self.get(from, self.session().meter()).await?;
        let mut body = row
            .ok_or_else(|| {
                let message = "can't read the row to copy: it is not there";
                self.error(ErrorKind::NotFound, message).at_key(from)
            })?
            .body;
        if !target.is_packed() && target.schema().layout() == Layout::Hive {
            body = crate::body::to_line(body);
        }
        let options = WriteOptions::default();
        target.put(to, body, condition, &options).await.map(drop)
    }
}
