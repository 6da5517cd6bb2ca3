//! The folders in a folder, by delimiter.

use super::Scan;
use crate::plan::just_below;
use crate::store::{ListPage, ListRequest};

/// One page of the folders in `folder` (a path below the root, ending in `/` or empty), from a
/// path on.
pub(super) fn request<K>(scan: &Scan<K>, folder: &str, from: &str) -> ListRequest {
    let root = &scan.source.root;
    // The folder's own prefix, or the narrower one that all allowed paths have.
    let prefix = if scan.prefix.starts_with(folder) {
        &scan.prefix
    } else {
        folder
    };
    ListRequest {
        prefix: format!("{root}{prefix}"),
        start_after: (from > prefix).then(|| just_below(&format!("{root}{from}"))),
        delimiter: true,
        ..ListRequest::default()
    }
}

/// The folders of a page as paths below the root.
pub(super) fn folders<K>(scan: &Scan<K>, page: &ListPage) -> Vec<String> {
    let root = scan.source.root.as_str();
    let below = |prefix: &String| prefix.strip_prefix(root).map(str::to_owned);
    page.prefixes.iter().filter_map(below).collect()
}
