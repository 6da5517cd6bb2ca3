//! A walk through a listing, page by page, that skips what can't match.
//!
//! Why it never sends more LIST requests than paging through the same prefix does: both start at
//! the first key, and each page holds the same number of keys. If the walk's request k starts at
//! or after where paging's request k starts, then its page ends at or after where paging's page
//! ends; the walk goes on from there or, by a seek, from further on. So its request k + 1 starts
//! at or after paging's, and the walk is at the end no later.

use std::sync::Arc;

use super::page::{self, Remaining};
use super::{Listed, Scan, list};
use crate::error::Result;
use crate::plan::{just_below, next};
use crate::store::{ListPage, ListRequest, ListingProgress, PageToken};

/// Where a limit is small, this many keys more than it are asked for, so that a few objects that
/// are no rows do not cost another request.
const SLACK: u64 = 16;

/// One walk through the part of a scan's listing from a position on.
pub(super) struct Walk<K> {
    scan: Arc<Scan<K>>,
    rest: Remaining,
    /// The request that gave the last page, with its token for the next one.
    current: Option<ListRequest>,
    /// Whether the store takes a `start-after`, as far as is known.
    seeks: bool,
    progress: ListingProgress,
    started: bool,
}

impl<K> Walk<K> {
    pub(super) fn new(scan: Arc<Scan<K>>, after: Option<&str>, limit: Option<u64>) -> Self {
        let mut rest = Remaining {
            position: after.map(next).unwrap_or_default(),
            until: None,
            limit,
            group: None,
            done: scan.space.is_impossible() || limit == Some(0),
        };
        if !rest.done {
            rest.advance(&scan);
        }
        Self::over(scan, rest)
    }

    /// A walk over a part of the listing.
    pub(super) fn over(scan: Arc<Scan<K>>, rest: Remaining) -> Self {
        let seeks = scan.source.backend.features().seeks;
        Self {
            scan,
            rest,
            current: None,
            seeks,
            progress: ListingProgress::default(),
            started: false,
        }
    }

    /// Passes by the other rows of a match that has the same first columns, this many.
    pub(super) fn by_group(mut self, columns: usize) -> Self {
        self.rest.group = Some(columns);
        self
    }

    /// Whether no page is left to be read.
    pub(super) fn is_done(&self) -> bool {
        self.rest.done
    }

    /// Whether the next page follows the last one, nothing skipped.
    pub(super) fn pages_on(&self) -> bool {
        !self.rest.done && self.current.is_some()
    }

    /// What is left.
    pub(super) fn rest(&self) -> &Remaining {
        &self.rest
    }

    /// Leaves what is from a path on to another walk.
    pub(super) fn end_at(&mut self, until: String) {
        if self.rest.position >= until {
            self.rest.done = true;
        }
        self.rest.until = Some(until);
    }

    /// Passes by what is below a path, since it is dealt with elsewhere.
    pub(super) fn skip_to(&mut self, path: &str) {
        if self.rest.done || path <= self.rest.position.as_str() {
            return;
        }
        self.rest.position = path.to_owned();
        self.rest.advance(&self.scan);
        if self.seeks {
            self.current = None;
        }
    }

    /// The matches of the next page; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Listed<K>>>> {
        let Some(request) = self.request() else {
            return Ok(None);
        };
        let scan = Arc::clone(&self.scan);
        let page = list::page(&scan, &request).await?;
        self.digest(request, page).map(Some)
    }

    /// The request for the next page, whose answer goes to [`digest`](Self::digest); none at the
    /// end.
    pub(super) fn request(&mut self) -> Option<ListRequest> {
        if self.rest.done {
            return None;
        }
        let request = match self.current.take() {
            Some(request) => request,
            None => self.fresh_request(),
        };
        self.started = true;
        Some(request)
    }

    /// A listing that starts at the position.
    fn fresh_request(&mut self) -> ListRequest {
        let scan = &*self.scan;
        let position = self.rest.position.as_str();
        self.progress.restart();
        ListRequest {
            prefix: format!("{}{}", scan.source.root, scan.prefix),
            start_after: (position > scan.prefix.as_str())
                .then(|| just_below(&format!("{}{position}", scan.source.root))),
            max_keys: self.page_size(),
            ..ListRequest::default()
        }
    }

    /// A page of fewer keys, where more of them can't be needed.
    fn page_size(&self) -> Option<usize> {
        if self.scan.space.is_one_key() {
            // The first key from the position on is that key, or the key is not there.
            return Some(1);
        }
        let limit = self.rest.limit?.checked_add(SLACK)?;
        let first = !self.started && self.rest.group.is_none();
        let size = usize::try_from(limit).ok()?;
        (first && self.scan.space.is_whole_prefix() && size < crate::store::PAGE_SIZE)
            .then_some(size)
    }

    /// The matches of the page that the request got.
    pub(super) fn digest(
        &mut self,
        request: ListRequest,
        mut page: ListPage,
    ) -> Result<Vec<Listed<K>>> {
        page.objects
            .retain(|entry| entry.key.starts_with(&*request.prefix));
        if !page.objects.is_sorted_by(|a, b| a.key < b.key) {
            page.objects.sort_by(|a, b| a.key.cmp(&b.key));
        }
        let first = page.objects.first().map(|entry| entry.key.clone());
        let last = page.objects.last().map(|entry| entry.key.clone());
        if let (Some(after), Some(first)) = (&request.start_after, &first)
            && first <= after
        {
            // The store does not know `start-after`. What was dealt with is passed by below, and
            // the rest of the listing is paged through.
            self.seeks = false;
        }
        let goes_on = self.progress.saw(last.as_deref(), page.next.is_some());
        goes_on.map_err(|error| list::failed(&self.scan, error))?;
        let before = self.rest.position.clone();
        let rows = page::matches(&self.scan, &mut self.rest, page.objects)?;
        if self.rest.done {
            return Ok(rows);
        }
        self.rest.advance(&self.scan);
        let Some(token) = page.next else {
            self.rest.done = true;
            return Ok(rows);
        };
        // A seek that brought nothing would bring nothing again.
        let seek = self.seeks && self.rest.position > before && self.is_beyond(last.as_deref());
        if !self.rest.done && !seek {
            self.go_on(request, token);
        }
        Ok(rows)
    }

    /// Whether keys can be skipped between the end of the page and the position.
    fn is_beyond(&self, last: Option<&str>) -> bool {
        let root = self.scan.source.root.len();
        last.and_then(|key| key.get(root..))
            .is_some_and(|path| self.rest.position > next(path))
    }

    fn go_on(&mut self, mut request: ListRequest, token: PageToken) {
        request.token = Some(token);
        self.current = Some(request);
    }
}
