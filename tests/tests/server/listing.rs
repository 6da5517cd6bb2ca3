use futures_util::TryStreamExt;
use http::{Method, StatusCode};
use object_store::ObjectStore;
use object_store::aws::AmazonS3;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use s3aads_tests::server::{Operation, Server};

use crate::{BUCKET, send, server};

fn seeded(keys: &[&'static str]) -> (Server, AmazonS3) {
    let (server, client) = server();
    server.seed(BUCKET, keys.iter().map(|key| (*key, *key)));
    (server, client)
}

/// All pages of one listing: per page the keys, and the common prefixes without the `/` that `Path` drops.
async fn pages(
    client: &AmazonS3,
    prefix: Option<&str>,
    options: PaginatedListOptions,
) -> Vec<(Vec<String>, Vec<String>)> {
    let (mut pages, mut token) = (Vec::new(), None);
    loop {
        let options = PaginatedListOptions {
            page_token: token.take(),
            ..options.clone()
        };
        let page = client.list_paginated(prefix, options).await.unwrap();
        let objects = page.result.objects.into_iter();
        let prefixes = page.result.common_prefixes.into_iter();
        pages.push((
            objects.map(|o| o.location.to_string()).collect(),
            prefixes.map(|p| p.to_string()).collect(),
        ));
        token = page.page_token;
        if token.is_none() {
            return pages;
        }
    }
}

fn page(objects: &[&str], prefixes: &[&str]) -> (Vec<String>, Vec<String>) {
    let owned = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
    (owned(objects), owned(prefixes))
}

#[tokio::test]
async fn common_prefixes_count_as_one_each() {
    let (_server, client) = seeded(&["a/1", "a/2", "a/3", "b", "c/1", "d", "e/1/2"]);
    let by_two = PaginatedListOptions {
        delimiter: Some("/".into()),
        max_keys: Some(2),
        ..Default::default()
    };
    let expected = [
        page(&["b"], &["a"]),
        page(&["d"], &["c"]),
        page(&[], &["e"]),
    ];
    assert_eq!(pages(&client, None, by_two).await, expected);
}

#[tokio::test]
async fn a_full_page_that_is_the_last_has_no_token() {
    let (server, client) = seeded(&["a/1", "a/2", "b/1", "b/2"]);
    let options = PaginatedListOptions {
        delimiter: Some("/".into()),
        max_keys: Some(2),
        ..Default::default()
    };
    assert_eq!(
        pages(&client, None, options).await,
        [page(&[], &["a", "b"])]
    );
    assert_eq!(server.count(Operation::List), 1);
}

#[tokio::test]
async fn prefix_offset_and_delimiter_combine() {
    let keys = ["t/a", "t/b/1", "t/b/2", "t/c", "t/d/1", "u/a"];
    let (_server, client) = seeded(&keys);
    let after = |offset: &str, delimiter: bool| PaginatedListOptions {
        offset: Some(offset.to_owned()),
        delimiter: delimiter.then(|| "/".into()),
        ..Default::default()
    };
    let list = |options| pages(&client, Some("t/"), options);
    let all = list(after("t/", true)).await;
    assert_eq!(all, [page(&["t/a", "t/c"], &["t/b", "t/d"])]);
    // A common prefix is over once the start lies in it or at its end; before its delimiter it is not.
    let inside = list(after("t/b/1", true)).await;
    assert_eq!(inside, [page(&["t/c"], &["t/d"])]);
    assert_eq!(list(after("t/b/", true)).await, inside);
    let before = list(after("t/b", true)).await;
    assert_eq!(before, [page(&["t/c"], &["t/b", "t/d"])]);
    let flat = list(after("t/b/1", false)).await;
    assert_eq!(flat, [page(&["t/b/2", "t/c", "t/d/1"], &[])]);
    // A start before the prefix changes nothing, one after it leaves nothing.
    assert_eq!(list(after("s", true)).await, all);
    assert_eq!(list(after("t0", true)).await, [page(&[], &[])]);
    assert_eq!(list(after("u/", false)).await, [page(&[], &[])]);
}

#[tokio::test]
async fn long_listings_come_in_pages_of_a_thousand() {
    let (server, client) = server();
    let keys: Vec<_> = (0..2500).map(|i| format!("t/{i:05}")).collect();
    server.seed(BUCKET, keys.iter().rev().map(|key| (key.as_str(), "")));
    let table = Path::from("t");
    let all: Vec<_> = client.list(Some(&table)).try_collect().await.unwrap();
    let listed: Vec<_> = all.iter().map(|o| o.location.to_string()).collect();
    assert_eq!(listed, keys);
    assert_eq!(server.count(Operation::List), 3);

    server.clear_log();
    let offset = Path::from("t/01499");
    let rest = client.list_with_offset(Some(&table), &offset);
    let rest: Vec<_> = rest.try_collect().await.unwrap();
    assert_eq!(rest.len(), 1000);
    assert_eq!(rest[0].location.as_ref(), "t/01500");
    assert_eq!(server.count(Operation::List), 1);

    let sizes = |max_keys| {
        let options = PaginatedListOptions {
            max_keys: Some(max_keys),
            ..Default::default()
        };
        let pages = pages(&client, None, options);
        async { pages.await.iter().map(|p| p.0.len()).collect::<Vec<_>>() }
    };
    assert_eq!(sizes(1250).await, [1000, 1000, 500]);
    assert_eq!(sizes(999).await, [999, 999, 502]);
}

#[tokio::test]
async fn keys_of_other_clients_are_listed_as_they_are() {
    let mut keys = vec![
        "/lead",
        "a//b",
        "a/./b",
        "a/../b",
        "dir/",
        "ctrl\u{1}\t",
        " space +%",
        "ä/\u{10ffff}",
        "<&>\"'",
        "~*(x)",
    ];
    let (server, client) = seeded(&keys);
    keys.sort_unstable();
    assert_eq!(server.keys(BUCKET), keys);
    let listed = send(
        &server,
        Method::GET,
        "/tables?list-type=2&encoding-type=url",
        &[],
        "",
    )
    .await;
    assert_eq!(
        listed.texts("Key"),
        [
            "+space+%2B%25",
            "/lead",
            "%3C%26%3E%22%27",
            "a/../b",
            "a/./b",
            "a//b",
            "ctrl%01%09",
            "dir/",
            "%7E*%28x%29",
            "%C3%A4/%F4%8F%BF%BF",
        ]
    );
    // Paging goes past each of them, the greatest character included.
    for delimiter in [None, Some("/")] {
        let mut query = "/tables?encoding-type=url&list-type=2&max-keys=1".to_owned();
        if let Some(delimiter) = delimiter {
            query.insert_str("/tables?".len(), &format!("delimiter={delimiter}&"));
        }
        let (mut count, mut token) = (0, None::<String>);
        loop {
            let with_token = match &token {
                Some(token) => query.replace("?", &format!("?continuation-token={token}&")),
                None => query.clone(),
            };
            let page = send(&server, Method::GET, &with_token, &[], "").await;
            count += page.texts("Key").len() + page.texts("CommonPrefixes").len();
            let next = page.texts("NextContinuationToken").first().copied();
            token = next.map(|t| url::form_urlencoded::byte_serialize(t.as_bytes()).collect());
            if token.is_none() {
                break;
            }
        }
        assert_eq!(count, if delimiter.is_some() { 8 } else { 10 });
    }
    // What its paths can hold, the client reads back.
    let path = Path::parse(" space +%").unwrap();
    let body = client.get_opts(&path, Default::default()).await.unwrap();
    assert_eq!(body.bytes().await.unwrap(), " space +%");
}

#[tokio::test]
async fn the_query_is_echoed_encoded_as_asked() {
    let (server, _client) = seeded(&["p q/a"]);
    let query =
        "delimiter=%2F&encoding-type=url&list-type=2&max-keys=5000&prefix=p%20q&start-after=p%20a";
    let answer = send(&server, Method::GET, &format!("/tables?{query}"), &[], "").await;
    assert_eq!(answer.texts("Prefix"), ["p+q", "p+q/"]);
    assert_eq!(answer.texts("StartAfter"), ["p+a"]);
    assert_eq!(answer.texts("Delimiter"), ["/"]);
    assert_eq!(answer.texts("EncodingType"), ["url"]);
    assert_eq!(answer.texts("MaxKeys"), ["1000"]);
    assert_eq!(answer.texts("KeyCount"), ["1"]);
    assert_eq!(answer.texts("IsTruncated"), ["false"]);
    let plain = query.replace("encoding-type=url&", "");
    let answer = send(&server, Method::GET, &format!("/tables?{plain}"), &[], "").await;
    assert_eq!(answer.texts("Prefix"), ["p q", "p q/"]);
}

#[tokio::test]
async fn listing_arguments_are_checked() {
    let (server, _client) = seeded(&["a"]);
    for query in [
        "list-type=2&max-keys=-1",
        "continuation-token=a&list-type=2",
        "encoding-type=x&list-type=2",
    ] {
        let answer = send(&server, Method::GET, &format!("/tables?{query}"), &[], "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.texts("Code"), ["InvalidArgument"], "{query}");
    }
    let none = send(
        &server,
        Method::GET,
        "/tables?list-type=2&max-keys=0",
        &[],
        "",
    )
    .await;
    assert_eq!(none.texts("IsTruncated"), ["false"]);
    assert!(none.texts("Key").is_empty());
}

#[tokio::test]
async fn version_1_pages_by_marker() {
    let (server, _client) = seeded(&["a/1", "a/2", "b", "c/1"]);
    let list = |query: &'static str| send(&server, Method::GET, query, &[], "");
    let first = list("/tables?delimiter=%2F&max-keys=1").await;
    assert_eq!(first.texts("NextMarker"), ["a/"]);
    let second = list("/tables?delimiter=%2F&marker=a%2F&max-keys=1").await;
    assert_eq!(second.texts("Key"), ["b"]);
    assert_eq!(second.texts("NextMarker"), ["b"]);
    let last = list("/tables?delimiter=%2F&marker=b&max-keys=1").await;
    assert_eq!(last.texts("IsTruncated"), ["false"]);
    let flat = list("/tables?marker=a%2F1&max-keys=1").await;
    assert_eq!(flat.texts("Key"), ["a/2"]);
    assert_eq!(flat.texts("IsTruncated"), ["true"]);
    assert!(flat.texts("NextMarker").is_empty());
}
