use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;

use super::*;
use crate::store::{ListPage, ListRequest, PAGE_SIZE, PageToken};

/// Every page of a listing, with new backends between the pages where `forget`.
async fn pages(db: &Database, request: ListRequest, forget: bool) -> Vec<ListPage> {
    let mut pages = Vec::new();
    let mut request = request;
    loop {
        let page = if forget {
            open(db.folder.path())
                .list(request.clone(), &db.meter)
                .await
        } else {
            db.backend.list(request.clone(), &db.meter).await
        };
        let page = page.expect("a page");
        let next = page.next.clone();
        pages.push(page);
        match next {
            Some(token) => request.token = Some(token),
            None => return pages,
        }
    }
}

/// The keys and prefixes of a page, in byte order.
fn entries(page: &ListPage) -> Vec<String> {
    let keys: Vec<_> = page.objects.iter().map(|entry| entry.key.clone()).collect();
    assert!(keys.is_sorted() && page.prefixes.is_sorted());
    let mut entries = [keys, page.prefixes.clone()].concat();
    entries.sort();
    entries
}

async fn all(db: &Database, prefix: &str, delimiter: bool) -> Vec<String> {
    let request = ListRequest {
        prefix: prefix.into(),
        delimiter,
        ..ListRequest::default()
    };
    pages(db, request, false)
        .await
        .iter()
        .flat_map(entries)
        .collect()
}

/// What S3 lists.
fn model(keys: &BTreeSet<String>, request: &ListRequest) -> Vec<String> {
    let mut found = Vec::new();
    for key in keys {
        let Some(rest) = key.strip_prefix(request.prefix.as_str()) else {
            continue;
        };
        if request
            .start_after
            .as_ref()
            .is_some_and(|after| key <= after)
        {
            continue;
        }
        let entry = match rest.find('/') {
            Some(slash) if request.delimiter => &key[..=request.prefix.len() + slash],
            _ => key,
        };
        if found.last().is_none_or(|last| last != entry) {
            found.push(entry.to_owned());
        }
    }
    found
}

/// Keys that collide, nest and sort around `/`.
fn key() -> impl Strategy<Value = String> {
    proptest::collection::vec("[a!0]{1,2}", 1..4).prop_map(|segments| segments.join("/"))
}

fn bound() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a!0/]{0,5}", 2 => key(), 1 => key().prop_map(|key| key + "/")]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_listing_is_what_s3_lists(
        keys in proptest::collection::vec(key(), 0..25),
        requests in proptest::collection::vec(
            (bound(), proptest::option::of(bound()), any::<bool>(), 1_usize..5, any::<bool>()),
            8,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let db = Database::new();
            let mut stored = BTreeSet::<String>::new();
            for key in keys {
                // A file can't be a folder too.
                let in_the_way = stored.iter().any(|other| {
                    other.starts_with(&format!("{key}/")) || key.starts_with(&format!("{other}/"))
                });
                let put = db.put(&key, &key, Condition::None).await;
                prop_assert_eq!(put.is_err(), in_the_way, "{:?}", put);
                if put.is_ok() {
                    stored.insert(key);
                }
            }
            for (prefix, start_after, delimiter, max_keys, forget) in requests {
                let request =
                    ListRequest { prefix, start_after, delimiter, max_keys: Some(max_keys), ..Default::default() };
                let expected = model(&stored, &request);
                let pages = pages(&db, request, forget).await;
                let listed: Vec<_> = pages.iter().map(entries).collect();
                let sizes: Vec<_> = listed.iter().map(Vec::len).collect();
                prop_assert_eq!(listed.concat(), expected.clone());
                let chunks: Vec<_> =
                    expected.chunks(max_keys).map(<[_]>::len).collect();
                prop_assert_eq!(sizes, if chunks.is_empty() { vec![0] } else { chunks });
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_page_holds_a_thousand_and_the_walk_goes_on() {
    let db = Database::new();
    fs::create_dir(db.path("t")).expect("a folder");
    for row in 0..2 * PAGE_SIZE {
        fs::write(db.path(&format!("t/{row:04}")), "").expect("a row");
    }
    let request = ListRequest {
        prefix: "t/".into(),
        ..ListRequest::default()
    };
    let first = db
        .backend
        .list(request.clone(), &db.meter)
        .await
        .expect("a page");
    assert_eq!(first.objects.len(), PAGE_SIZE);
    assert_eq!(db.backend.walks.len(), 1);

    // The walk has the names from its start; a listing of its own has the newest.
    db.set("t/1500!", "").await;
    fs::remove_file(db.path("t/1000")).expect("a removal");
    let rest = ListRequest {
        token: first.next,
        ..request.clone()
    };
    let second = db
        .backend
        .list(rest.clone(), &db.meter)
        .await
        .expect("a page");
    assert_eq!(second.objects.len(), PAGE_SIZE - 1);
    assert!(second.next.is_none());
    assert_eq!(db.backend.walks.len(), 0);
    let anew = db.backend.list(rest, &db.meter).await.expect("a page");
    assert_eq!(anew.objects.len(), PAGE_SIZE);

    let capped = ListRequest {
        max_keys: Some(2 * PAGE_SIZE),
        ..request.clone()
    };
    let capped = db.backend.list(capped, &db.meter).await.expect("a page");
    assert_eq!(capped.objects.len(), PAGE_SIZE);
    let nothing = ListRequest {
        max_keys: Some(0),
        ..request
    };
    let nothing = db.backend.list(nothing, &db.meter).await.expect("a page");
    assert!(nothing.objects.is_empty() && nothing.next.is_none());
}

#[tokio::test]
async fn a_folder_is_read_once_for_all_pages() {
    let db = Database::new();
    fs::create_dir(db.path("t")).expect("a folder");
    for row in 0..5 * PAGE_SIZE {
        fs::write(db.path(&format!("t/{row:04}")), "").expect("a row");
    }
    let read = || {
        let read = &db.backend.folder.folders_read;
        read.swap(0, std::sync::atomic::Ordering::Relaxed)
    };
    let request = ListRequest {
        prefix: "t/".into(),
        ..ListRequest::default()
    };
    read();
    assert_eq!(pages(&db, request.clone(), false).await.len(), 5);
    assert_eq!(read(), 1);
    // The control: who goes on with what is gone on with already reads it again.
    for page in pages(&db, request.clone(), false).await {
        let mut request = request.clone();
        request.token = page.next;
        db.backend.list(request, &db.meter).await.expect("a page");
    }
    assert!(read() > 2);
}

/// One whose pages end where its own do may have begun before a row was written.
#[tokio::test]
async fn a_listing_goes_on_with_no_other_ones_walk() {
    let db = Database::new();
    for row in 1..=6 {
        db.set(&format!("t/{row}"), "").await;
    }
    let older = ListRequest {
        prefix: "t/".into(),
        max_keys: Some(2),
        ..ListRequest::default()
    };
    let list = async |request: &ListRequest, token: Option<PageToken>| {
        let mut request = request.clone();
        request.token = token;
        let page = db.backend.list(request, &db.meter).await.expect("a page");
        (entries(&page), page.next)
    };
    let (_, after_2) = list(&older, None).await;
    db.set("t/7", "").await;
    let newer = ListRequest {
        start_after: Some("t/2".into()),
        ..older.clone()
    };
    let (_, after_4) = list(&newer, None).await;
    assert_eq!(list(&older, after_2).await.0, ["t/3", "t/4"]);
    let (page, after_6) = list(&newer, after_4).await;
    assert_eq!(page, ["t/5", "t/6"]);
    assert!(after_6.is_some(), "there is one more row");
    assert_eq!(list(&newer, after_6).await.0, ["t/7"]);
}

/// Between the pages of a listing, before it comes to a folder whose name it has read.
#[cfg(unix)]
#[tokio::test]
async fn what_takes_a_folders_place_is_not_entered() {
    for what in ["file", "link"] {
        let db = Database::new();
        for key in ["t/1/a", "t/1/b", "t/2/a", "u/a"] {
            db.set(key, "").await;
        }
        let mut request = ListRequest {
            prefix: "t/".into(),
            max_keys: Some(1),
            ..ListRequest::default()
        };
        let first = db.backend.list(request.clone(), &db.meter).await;
        request.token = first.expect("a page").next;
        fs::remove_dir_all(db.path("t/2")).expect("a removal");
        match what {
            "file" => fs::write(db.path("t/2"), "").expect("a file"),
            _ => std::os::unix::fs::symlink(db.path("u"), db.path("t/2")).expect("a link"),
        }
        let rest = db.backend.list(request, &db.meter).await;
        let rest = rest.expect("a page");
        assert_eq!(
            (entries(&rest), rest.next.is_some()),
            (vec!["t/1/b".to_owned()], false),
            "{what}"
        );
    }
}

/// The database's own folder may be a link, and what is below it is none.
#[cfg(unix)]
#[tokio::test]
async fn a_database_behind_a_link_is_listed() {
    let db = Database::new();
    db.set("t/1", "").await;
    db.set("top", "").await;
    let link = tempfile::tempdir().expect("a folder");
    let link = link.path().join("link");
    std::os::unix::fs::symlink(db.folder.path(), &link).expect("a link");
    let page = open(&link).list(ListRequest::default(), &db.meter).await;
    assert_eq!(entries(&page.expect("a page")), ["t/1", "top"]);
}

#[tokio::test]
async fn waiting_walks_are_few() {
    let db = Database::new();
    for row in 0..80 {
        db.set(&format!("t/{row:02}/x"), "").await;
        db.set(&format!("t/{row:02}/y"), "").await;
    }
    for row in 0..80 {
        let request = ListRequest {
            prefix: format!("t/{row:02}/"),
            max_keys: Some(1),
            ..ListRequest::default()
        };
        let page = db.backend.list(request, &db.meter).await.expect("a page");
        assert_eq!(page.objects.len(), 1);
        assert!(matches!(page.next, Some(PageToken::After { .. })));
    }
    assert_eq!(db.backend.walks.len(), 64);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_object_is_not_listed() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let db = Database::new();
    db.set("t/1", "").await;
    db.set("_s3aads/schema/t.json", "").await;
    fs::create_dir_all(db.path("empty/folder")).expect("a folder");
    std::os::unix::fs::symlink(db.path("t"), db.path("link")).expect("a link");
    std::os::unix::fs::symlink("/", db.path("t/link")).expect("a link");
    fs::write(db.path("t").join(OsStr::from_bytes(b"\xff")), "").expect("a file");
    assert_eq!(all(&db, "", false).await, ["_s3aads/schema/t.json", "t/1"]);
    assert_eq!(all(&db, "", true).await, ["_s3aads/", "t/"]);
    assert_eq!(all(&db, "_s3aads/", true).await, ["_s3aads/schema/"]);
    for nowhere in [
        "link/",
        "t/link/",
        "_s3aads/tmp/",
        "_s3aads/lock/",
        "../",
        "t//",
        "/",
        "t/1/",
        "nothing",
    ] {
        assert!(all(&db, nowhere, false).await.is_empty(), "{nowhere}");
    }
}

#[tokio::test]
async fn another_stores_token_is_refused() {
    let db = Database::new();
    let token = Some(PageToken::Server("x".into()));
    let request = ListRequest {
        token,
        ..ListRequest::default()
    };
    assert!(db.backend.list(request, &db.meter).await.is_err());
}
