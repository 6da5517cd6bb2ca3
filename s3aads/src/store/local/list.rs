//! Pages of a listing.
//!
//! A walk that has more to give waits for its next page, so that the folder it is in is not read
//! again for every page. It is soon forgotten; the next page then starts a walk anew.

use std::collections::VecDeque;
use std::io::{Error as IoError, ErrorKind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::errors::{context, other, unusable};
use super::folder::Folder;
use super::walk::{After, Range, TreeWalk};
use crate::store::{ListPage, ListRequest, PAGE_SIZE, PageToken, Result, StoreError};

/// How many walks wait for their next page at most, and the memory that they may take together;
/// the newest one waits in any case.
const MOST_WAITING: usize = 64;
const MOST_BYTES: usize = 48 << 20;

/// How long a walk waits: its folder's names grow old.
const PATIENCE: Duration = Duration::from_secs(10);

/// A walk that waits for its next page.
#[derive(Debug)]
struct Waiting {
    walk: TreeWalk,
    /// Its listing: another one may be younger than the names that the walk has read.
    listing: u64,
    /// Where it goes on.
    after: String,
    since: Instant,
}

impl Waiting {
    fn gives(&self, listing: u64, after: &str) -> bool {
        self.listing == listing && self.after == after
    }
}

/// The walks that wait for their next page, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Walks(Mutex<VecDeque<Waiting>>);

impl Walks {
    /// The walk of `listing` that goes on after `after`.
    fn take(&self, listing: u64, after: &str) -> Option<TreeWalk> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|walk| walk.since.elapsed() < PATIENCE);
        let place = waiting
            .iter()
            .position(|waiting| waiting.gives(listing, after))?;
        waiting.remove(place).map(|waiting| waiting.walk)
    }

    fn keep(&self, mut walk: TreeWalk, listing: u64, after: String) {
        walk.close();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A token may be gone on with twice.
        waiting.retain(|older| older.since.elapsed() < PATIENCE && !older.gives(listing, &after));
        let mut bytes = walk.bytes()
            + waiting
                .iter()
                .map(|older| older.walk.bytes())
                .sum::<usize>();
        while waiting.len() >= MOST_WAITING || bytes > MOST_BYTES {
            let Some(oldest) = waiting.pop_front() else {
                break;
            };
            bytes -= oldest.walk.bytes();
        }
        waiting.push_back(Waiting {
            walk,
            listing,
            after,
            since: Instant::now(),
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// One page.
pub(super) fn page(folder: &Folder, walks: &Walks, request: ListRequest) -> Result<ListPage> {
    let failed = |error| other(error, &request.prefix);
    let opened = match folder.root().metadata() {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(IoError::new(ErrorKind::NotADirectory, "it is no folder")),
        Err(error) => Err(error),
    };
    if let Err(error) = opened {
        let error = context(&error, "opening the database", folder.root());
        return Err(match error.kind() {
            ErrorKind::NotFound => StoreError::not_found().with_source(error),
            _ => unusable(error, folder.root()),
        });
    }
    let room = request.max_keys.unwrap_or(PAGE_SIZE).min(PAGE_SIZE);
    if room == 0 {
        return Ok(ListPage::default());
    }

    let mut range = Range {
        prefix: request.prefix.clone(),
        after: request
            .start_after
            .clone()
            .map(After::Key)
            .into_iter()
            .collect(),
        delimiter: request.delimiter,
    };
    let (listing, waiting) = match &request.token {
        None => (fastrand::u64(..), None),
        Some(PageToken::After {
            last: after,
            listing,
        }) => {
            let waiting = walks.take(*listing, after);
            // No file's name ends in a `/`, so what does is a prefix that was rolled up.
            let rolled_up = request.delimiter && after.ends_with('/');
            let after = after.clone();
            range.after.push(if rolled_up {
                After::Prefix(after)
            } else {
                After::Key(after)
            });
            (*listing, waiting)
        }
        Some(PageToken::Server(_)) => {
            return Err(StoreError::unsupported(
                "the token of another store's listing was given",
            ));
        }
    };
    let mut walk = match waiting {
        Some(walk) => walk,
        None => TreeWalk::start(folder, range).map_err(failed)?,
    };

    let mut page = ListPage::default();
    page.objects.reserve(room.min(walk.names_ahead()));
    while let Some(found) = walk.peek(folder).map_err(failed)? {
        if page.objects.len() + page.prefixes.len() == room {
            let object = page.objects.last().map(|object| &object.key);
            let last = object
                .max(page.prefixes.last())
                .cloned()
                .unwrap_or_default();
            page.next = Some(PageToken::After {
                last: last.clone(),
                listing,
            });
            walks.keep(walk, listing, last);
            break;
        }
        walk.advance();
        page.push(found);
    }
    Ok(page)
}
