//! Servers whose listings are in good form and wrong.

use std::collections::BTreeSet;

use futures_util::TryStreamExt;
use http::Method;
use s3aads::{ErrorKind, OnForeign, S3Table};

use crate::Pair;
use crate::connector::{Answer, Arrived, Scripted};

fn page(keys: &[&str], next: Option<&str>) -> Answer {
    let mut body = String::from("<ListBucketResult>");
    for key in keys {
        body.push_str(&format!(
            "<Contents><Key>{key}</Key><Size>1</Size>\
             <LastModified>2020-01-31T00:00:00Z</LastModified></Contents>"
        ));
    }
    if let Some(token) = next {
        body.push_str(&format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
        ));
    }
    body.push_str("</ListBucketResult>");
    Answer::new(200, body)
}

/// What a DELETE, a bulk delete or a GET of a row is answered with.
fn done(request: &Arrived) -> Answer {
    match request.method {
        Method::POST => {
            let keys = request.body.replace("<Object>", "<Deleted>");
            let keys = keys.replace("</Object>", "</Deleted>");
            let keys = keys.split("</Quiet>").last().unwrap_or_default();
            let keys = keys.trim_end_matches("</Delete>");
            Answer::new(200, format!("<DeleteResult>{keys}</DeleteResult>"))
        }
        Method::DELETE => Answer::new(204, ""),
        _ => Answer::new(200, "x")
            .header("etag", b"\"x\"")
            .header("content-length", b"1")
            .header("last-modified", b"Fri, 31 Jan 2020 00:00:00 GMT"),
    }
}

/// The keys in the bodies of bulk deletes.
fn deleted(script: &Scripted) -> BTreeSet<String> {
    let arrived = script.arrived();
    let posts = arrived
        .iter()
        .filter(|request| request.method == Method::POST);
    let keys = posts.flat_map(|request| request.body.split("<Key>").skip(1));
    keys.filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned()))
        .collect()
}

/// Keys that were not asked for, among one that was.
const STRAY: &[&str] = &[
    "",
    "/",
    "a",
    "other/a/b",
    "pair",
    "pairs",
    "pairs2/a/b",
    "../pairs/a/b",
    "x/../pairs/a/b",
    "/pairs/a/b",
    "PAIRS/a/b",
    "pairs%2Fa/b",
    "_s3aads/schema/pairs.json",
    "pairs/a/b",
    "zzz/a/b",
];

fn straying() -> Scripted {
    const FOLDERS: &str = "<ListBucketResult>\
         <CommonPrefixes><Prefix>other/</Prefix></CommonPrefixes>\
         <CommonPrefixes><Prefix>pairs2/a/</Prefix></CommonPrefixes>\
         <CommonPrefixes><Prefix>pairs/a/</Prefix></CommonPrefixes>\
         </ListBucketResult>";
    Scripted::new(|_, request| {
        let folders = request.query.contains("delimiter");
        if !request.lists() {
            done(request)
        } else if folders {
            Answer::new(200, FOLDERS)
        } else {
            page(STRAY, None)
        }
    })
}

#[tokio::test]
async fn keys_outside_of_the_prefix_are_neither_rows_nor_deleted() {
    let script = straying();
    let pairs = script.db().table::<Pair>();
    let keys = pairs.keys().await.unwrap();
    assert_eq!(
        keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["a/b"]
    );
    let streamed: Vec<_> = pairs.stream_keys().try_collect().await.unwrap();
    assert_eq!(streamed, keys);
    assert_eq!(pairs.count().await.unwrap(), 1);
    assert_eq!(pairs.distinct(Pair::COLUMNS.a).await.unwrap(), ["a"]);
    assert_eq!(pairs.rows().await.unwrap().len(), 1);
    assert_eq!(pairs.query().page(1).await.unwrap().rows.len(), 1);
    let raw = pairs.raw();
    assert_eq!(raw.keys().await.unwrap().len(), 1);
    assert_eq!(raw.random_key().await.unwrap().unwrap().path(), "a/b");
    assert_eq!(pairs.filter_by_a("other").keys().await.unwrap(), []);
    // Not even as foreign objects: they are none of this table's business.
    let strict = pairs.query().on_foreign(OnForeign::Fail).count().await;
    assert_eq!(strict.unwrap(), 1);
    let gets = script.arrived();
    let gets = gets
        .iter()
        .filter(|r| r.method == Method::GET && !r.lists());
    assert!(gets.into_iter().all(|get| get.path == "/bucket/pairs/a/b"));
    assert!(deleted(&script).is_empty());

    assert_eq!(pairs.query().delete().await.unwrap().rows, 1);
    assert_eq!(deleted(&script), BTreeSet::from(["pairs/a/b".to_owned()]));
}

#[tokio::test]
async fn dropping_a_table_deletes_nothing_outside_of_it() {
    let script = straying();
    assert_eq!(script.db().drop_table("pairs").await.unwrap(), 1);
    let own = ["_s3aads/schema/pairs.json", "pairs/a/b"].map(str::to_owned);
    assert_eq!(deleted(&script), BTreeSet::from(own));
    assert!(
        script
            .arrived()
            .iter()
            .all(|request| request.method != Method::DELETE)
    );
}

#[tokio::test]
async fn tables_and_columns_are_not_told_by_strays() {
    let script = Scripted::new(|_, request| {
        if request.query.contains("delimiter") {
            Answer::new(
                200,
                "<ListBucketResult>\
             <CommonPrefixes><Prefix>other/x/</Prefix></CommonPrefixes>\
             <CommonPrefixes><Prefix>below</Prefix></CommonPrefixes>\
             <CommonPrefixes><Prefix>below/</Prefix></CommonPrefixes>\
             <CommonPrefixes><Prefix>below/pairs/</Prefix></CommonPrefixes>\
             <CommonPrefixes><Prefix>below/two/levels/</Prefix></CommonPrefixes>\
             <CommonPrefixes><Prefix>below/../</Prefix></CommonPrefixes>\
             <CommonPrefixes><Prefix>below/pairs/</Prefix></CommonPrefixes>\
             </ListBucketResult>",
            )
        } else if request.path.contains("_s3aads/schema") {
            Answer::new(404, "<Error><Code>NoSuchKey</Code></Error>")
        } else {
            page(STRAY, None)
        }
    });
    let below = script.server().database_at("bucket", "below").unwrap();
    assert_eq!(below.tables().await.unwrap(), ["pairs"]);
    let table = script.db().get_table("pairs").await.unwrap().unwrap();
    assert_eq!(table.columns(), ["column_0", "column_1"]);
    assert!(script.db().get_table("nothing").await.unwrap().is_none());
}

#[tokio::test]
async fn a_page_out_of_order_or_with_duplicates_is_put_right() {
    let script = Scripted::new(|_, request| {
        if request.lists() {
            page(
                &[
                    "pairs/c/1",
                    "pairs/a/1",
                    "pairs/c/1",
                    "pairs/b/1",
                    "pairs/a/1",
                ],
                None,
            )
        } else {
            done(request)
        }
    });
    let pairs = script.db().table::<Pair>();
    let keys: Vec<String> = pairs
        .keys()
        .await
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(keys, ["a/1", "b/1", "c/1"]);
    assert_eq!(pairs.count().await.unwrap(), 3);
    assert_eq!(pairs.query().delete().await.unwrap().rows, 3);
    assert_eq!(deleted(&script).len(), 3);
}

/// Every listing goes on for ever, each time with a token that was never seen before.
async fn ends(answer: impl Fn(usize) -> Answer + Clone + Send + Sync + 'static) {
    let scripted = || {
        let answer = answer.clone();
        Scripted::new(move |before, request| match request.method {
            Method::GET => answer(before),
            _ => done(request),
        })
    };
    macro_rules! fails {
        ($what:literal, |$script:ident| $future:expr) => {
            let $script = scripted();
            let result = $future.await;
            $script.assert_bounded($what);
            let error = result.map(|_| ()).expect_err($what);
            let kind = error.kind();
            let clear = matches!(kind, ErrorKind::Other | ErrorKind::Unavailable);
            assert!(clear, "{}: {error:?}", $what);
        };
    }
    fails!("keys", |script| script.db().table::<Pair>().keys());
    fails!("count", |script| script.db().table::<Pair>().count());
    fails!("rows", |script| script.db().table::<Pair>().rows());
    fails!("query.delete", |script| script
        .db()
        .table::<Pair>()
        .query()
        .delete());
    fails!("distinct", |script| script
        .db()
        .table::<Pair>()
        .distinct(Pair::COLUMNS.a));
    fails!("tables", |script| script.db().tables());
    fails!("drop_table", |script| script.db().drop_table("pairs"));
}

#[tokio::test]
async fn a_listing_that_repeats_its_page_ends() {
    ends(|before| page(&["pairs/a/b"], Some(&format!("token-{before}")))).await;
}

#[tokio::test]
async fn a_listing_of_empty_pages_ends() {
    ends(|before| page(&[], Some(&format!("token-{before}")))).await;
}

#[tokio::test]
async fn a_listing_whose_tokens_go_round_ends() {
    ends(|before| {
        page(
            &["pairs/a/b", "pairs/a/c"],
            Some(["one", "two"][before % 2]),
        )
    })
    .await;
}

#[tokio::test]
async fn a_listing_of_strays_ends() {
    ends(|before| page(&["zzz/a/b"], Some(&format!("token-{before}")))).await;
}

#[tokio::test]
async fn a_list_of_databases_that_repeats_itself_ends() {
    let script = Scripted::new(|before, _| {
        Answer::new(
            200,
            format!(
                "<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name></Bucket></Buckets>\
                 <ContinuationToken>{before}</ContinuationToken></ListAllMyBucketsResult>"
            ),
        )
    });
    let error = script.server().list_databases().await.unwrap_err();
    script.assert_bounded("list_databases");
    assert_eq!(error.kind(), ErrorKind::Other, "{error:?}");
}
