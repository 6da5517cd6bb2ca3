//! Cursors.

use s3aads::{Cursor, ErrorKind, S3Table};

use crate::stores::stores;
use crate::{HOSTILE, Pair};

#[tokio::test]
async fn a_text_that_is_no_cursor_is_refused_before_a_request() {
    let long = "A".repeat(1 << 20);
    for store in stores().await {
        let pairs = store.db.table::<Pair>();
        let rows: Vec<Pair> = HOSTILE.iter().map(|value| Pair::new(value, "1")).collect();
        assert_eq!(pairs.upsert_all(&rows).await.failed(), 0);
        let of_all = pairs.query().page(1).await.unwrap().cursor.unwrap();
        let of_one = pairs
            .filter_by_b("1")
            .page(1)
            .await
            .unwrap()
            .cursor
            .unwrap();
        let cut = &of_all.as_str()[1..];
        let padded = format!("{of_all}=");
        let twice = format!("{of_all}{of_all}");
        let texts = HOSTILE.iter().copied();
        let texts = texts.chain([long.as_str(), cut, &padded, &twice, of_one.as_str()]);
        let (counted, arrived) = (store.db.usage(), store.requests());
        for text in texts {
            let query = || pairs.query().after(Cursor::from(text));
            let errors = [
                query().keys().await.map(drop),
                query().rows().await.map(drop),
                query().count().await.map(drop),
                query().page(1).await.map(drop),
                query().delete().await.map(drop),
                query().distinct(Pair::COLUMNS.a).await.map(drop),
                query().explain().map(drop),
            ];
            for error in errors {
                let error = error.expect_err(text);
                assert_eq!(error.kind(), ErrorKind::InvalidCursor, "{text:?}: {error}");
                assert!(error.to_string().len() < 1_000);
            }
        }
        assert_eq!(store.db.usage(), counted, "{}", store.name);
        assert_eq!(store.requests(), arrived, "{}", store.name);
        assert_eq!(
            pairs.query().after(of_all).count().await.unwrap(),
            rows.len() as u64 - 1
        );
    }
}

/// Pages of one row, so that every row's path is once in a cursor.
#[tokio::test]
async fn a_cursor_carries_any_key() {
    for store in stores().await {
        let pairs = store.db.table::<Pair>();
        let rows: Vec<Pair> = HOSTILE
            .iter()
            .map(|value| Pair::new(value, value))
            .collect();
        assert_eq!(pairs.upsert_all(&rows).await.failed(), 0);
        let mut read = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let query = match &after {
                Some(text) => pairs.query().after(text.as_str()),
                None => pairs.query(),
            };
            let page = query.page(1).await.unwrap();
            read.extend(page.rows);
            match page.cursor {
                Some(cursor) => {
                    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
                    assert!(cursor.as_str().bytes().all(safe), "{cursor}");
                    after = Some(cursor.to_string());
                }
                None => break,
            }
        }
        assert_eq!(read, pairs.rows().await.unwrap(), "{}", store.name);
        assert_eq!(read.len(), rows.len(), "{}", store.name);
    }
}
