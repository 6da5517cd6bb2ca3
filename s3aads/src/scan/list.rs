//! One LIST request, as a scan sends it.

use super::Scan;
use crate::error::{Error, Result};
use crate::fault::store_error;
use crate::store::{ListPage, ListRequest, StoreError};

/// One page.
pub(super) async fn page<K>(scan: &Scan<K>, request: &ListRequest) -> Result<ListPage> {
    let source = &scan.source;
    let page = source.backend.list(request.clone(), &source.meter).await;
    let page = page.map_err(|error| scan.with_progress(failed(scan, error)))?;
    let page = if request.delimiter {
        rolled_up(page, &request.prefix)
    } else {
        page
    };
    scan.report
        .saw_page(page.objects.len() + page.prefixes.len());
    Ok(page)
}

/// The error of a listing.
pub(super) fn failed<K>(scan: &Scan<K>, error: StoreError) -> Error {
    scan.fail(store_error(error, "list the table"))
}

/// Does what a server left undone that ignores the delimiter: rolls up the keys with a `/` after
/// the prefix, so that their folders are not missed.
fn rolled_up(mut page: ListPage, prefix: &str) -> ListPage {
    let folder = |key: &str| {
        let end = key.strip_prefix(prefix)?.find('/')?;
        key.get(..=prefix.len() + end).map(str::to_owned)
    };
    let mut folders = Vec::new();
    page.objects.retain(|object| match folder(&object.key) {
        Some(folder) => {
            folders.push(folder);
            false
        }
        None => true,
    });
    if !folders.is_empty() {
        page.prefixes.append(&mut folders);
        page.prefixes.sort_unstable();
        page.prefixes.dedup();
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ObjectEntry;

    fn page(keys: &[&str], prefixes: &[&str]) -> ListPage {
        let object = |key: &&str| ObjectEntry {
            key: (*key).to_owned(),
            size: 0,
            last_modified: chrono::DateTime::UNIX_EPOCH,
            version: Default::default(),
            storage_class: None,
        };
        ListPage {
            objects: keys.iter().map(object).collect(),
            prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
            ..ListPage::default()
        }
    }

    #[test]
    fn folders_are_found_where_the_server_ignores_the_delimiter() {
        let flat = page(&["t/1/a", "t/1/b", "t/2/a", "t/x"], &[]);
        let rolled = rolled_up(flat, "t/");
        assert_eq!(rolled.prefixes, ["t/1/", "t/2/"]);
        assert_eq!(rolled.objects.len(), 1);

        let honest = rolled_up(page(&["t/x"], &["t/1/"]), "t/");
        assert_eq!((honest.objects.len(), honest.prefixes.len()), (1, 1));
    }
}
