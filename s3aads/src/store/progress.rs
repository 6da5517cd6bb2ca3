//! Whether a listing goes on.

use super::{ListPage, Reason, Result, StoreError};

/// A store may answer with empty pages where it passes deleted objects; more of them in a row
/// than this is a listing that does not end.
const MOST_IDLE: u32 = 100;

/// Follows the pages of one listing and gives up where they repeat themselves or stay empty.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    last: Option<String>,
    idle: u32,
}

impl Progress {
    /// The page, unless it is one too many that brings nothing new.
    pub(crate) fn follow(&mut self, page: ListPage) -> Result<ListPage> {
        let keys = page.objects.iter().map(|object| object.key.as_str());
        let names = keys.chain(page.prefixes.iter().map(String::as_str));
        self.saw(names.max(), page.next.is_some())?;
        Ok(page)
    }

    /// The same for a page whose greatest name is this one, and after which there is `more`.
    pub(crate) fn saw(&mut self, greatest: Option<&str>, more: bool) -> Result<()> {
        if greatest > self.last.as_deref() {
            self.last = greatest.map(str::to_owned);
            self.idle = 0;
        } else {
            self.idle += 1;
        }
        if more && self.idle > MOST_IDLE {
            return Err(StoreError::new(
                Reason::Other,
                "the store's listing does not go on: its pages repeat themselves or stay empty",
            ));
        }
        Ok(())
    }
}
