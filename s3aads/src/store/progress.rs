//! The one check that a listing goes on.

use super::{ListPage, Reason, Result, StoreError};

/// A store may answer with empty pages where it passes deleted objects; more of them in a row
/// than this is a listing that does not end.
const MOST_EMPTY: u32 = 100;

/// Pages in a row that repeat what was listed.
const MOST_REPEATED: u32 = 3;

/// Follows the pages of one listing and gives up if they repeat themselves or stay empty.
#[derive(Debug, Default)]
pub(crate) struct ListingProgress {
    last: Option<String>,
    empty: u32,
    repeated: u32,
}

impl ListingProgress {
    /// The page, unless it is one too many that brings nothing new.
    pub(crate) fn follow(&mut self, page: ListPage) -> Result<ListPage> {
        let keys = page.objects.iter().map(|object| object.key.as_str());
        let names = keys.chain(page.prefixes.iter().map(String::as_str));
        self.saw(names.max(), page.next.is_some())?;
        Ok(page)
    }

    /// The same for a page whose greatest name is this one, and after which there is `more`.
    pub(crate) fn saw(&mut self, greatest: Option<&str>, more: bool) -> Result<()> {
        match greatest {
            None => self.empty += 1,
            Some(_) if greatest <= self.last.as_deref() => self.repeated += 1,
            Some(greatest) => {
                *self = Self {
                    last: Some(greatest.to_owned()),
                    ..Self::default()
                };
            }
        }
        if more && (self.empty > MOST_EMPTY || self.repeated >= MOST_REPEATED) {
            return Err(StoreError::new(
                Reason::Other,
                "the store's listing does not go on: its pages repeat themselves or stay empty",
            ));
        }
        Ok(())
    }

    /// Another listing begins, which may give the same names.
    pub(crate) fn restart(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_may_be_empty_for_long_and_repeat_itself_not_for_long() {
        let mut progress = ListingProgress::default();
        for round in 0..10 {
            for _ in 0..MOST_EMPTY {
                progress.saw(None, true).unwrap();
            }
            progress.saw(Some(&format!("{round}")), true).unwrap();
        }
        progress.saw(Some("8"), true).unwrap();
        progress.restart();
        progress.saw(Some("8"), true).unwrap();
        progress.saw(Some("8"), true).unwrap();
        progress.saw(Some("7"), true).unwrap();
        assert!(progress.saw(Some("8"), true).is_err());
        assert!(
            progress.saw(Some("8"), false).is_ok(),
            "the last page is no circle"
        );
        assert!(ListingProgress::default().saw(None, true).is_ok());
    }
}
