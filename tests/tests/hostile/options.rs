//! Headers, metadata and tags.

use s3aads::{ErrorKind, WriteOptions};

use crate::stores::stores;
use crate::{HOSTILE, Pair};

/// Whether a header carries the text there and back.
fn fits(text: &str) -> bool {
    text.trim() == text && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[tokio::test]
async fn metadata_comes_back_as_it_was_or_is_refused_before_a_request() {
    for store in stores().await {
        let pairs = store.db.table::<Pair>();
        for (i, value) in HOSTILE.iter().enumerate() {
            let row = Pair::new("metadata", &i.to_string());
            let options = WriteOptions::new().metadata("note", *value);
            let (counted, arrived) = (store.db.usage(), store.requests());
            let written = pairs.upsert_with(&row, &options).await;
            let at = format!("{} {value:?}", store.name);
            if !fits(value) {
                assert_eq!(
                    written.unwrap_err().kind(),
                    ErrorKind::InvalidConfig,
                    "{at}"
                );
                assert_eq!(store.db.usage(), counted, "{at}");
                assert_eq!(store.requests(), arrived, "{at}");
            } else if store.is_local() {
                assert_eq!(written.unwrap_err().kind(), ErrorKind::Unsupported, "{at}");
            } else {
                written.unwrap_or_else(|error| panic!("{at}: {error}"));
                let meta = pairs.meta(row.to_key_pair()).await.unwrap().unwrap();
                assert_eq!(meta.metadata()["note"], *value, "{at}");
            }
        }
    }
}

#[tokio::test]
async fn what_no_request_can_carry_is_refused_before_one_is_sent() {
    let long = "v".repeat(1 << 20);
    let many = (0..400).fold(WriteOptions::new(), |options, i| {
        options.metadata(format!("name-{i}"), "value")
    });
    let mut refused = vec![
        ("long value", WriteOptions::new().metadata("note", &long)),
        ("long name", WriteOptions::new().metadata(&long, "v")),
        ("many", many),
        ("long type", WriteOptions::new().content_type(&long)),
        ("long tag", WriteOptions::new().tag("t", &long)),
        ("long tag name", WriteOptions::new().tag(&long, "v")),
        ("empty tag name", WriteOptions::new().tag("", "v")),
        (
            "many tags",
            (0..11).fold(WriteOptions::new(), |o, i| o.tag(i.to_string(), "v")),
        ),
    ];
    for name in HOSTILE {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name.is_empty() || !name.bytes().all(plain) {
            refused.push((name, WriteOptions::new().metadata(*name, "v")));
        }
        if !fits(name) {
            refused.push((name, WriteOptions::new().content_type(*name)));
            refused.push((name, WriteOptions::new().content_encoding(*name)));
            refused.push((name, WriteOptions::new().content_disposition(*name)));
            refused.push((name, WriteOptions::new().content_language(*name)));
            refused.push((name, WriteOptions::new().cache_control(*name)));
            refused.push((name, WriteOptions::new().storage_class(*name)));
        }
    }
    for store in stores().await {
        let pairs = store.db.table::<Pair>();
        let row = Pair::new("a", "b");
        let (counted, arrived) = (store.db.usage(), store.requests());
        for (what, options) in &refused {
            for written in [
                pairs.insert_with(&row, options).await,
                pairs.upsert_with(&row, options).await,
            ] {
                let error = written.expect_err(what);
                assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{what:?}: {error}");
                assert!(error.to_string().len() < 1_000, "{what:?}");
            }
        }
        assert_eq!(store.db.usage(), counted, "{}", store.name);
        assert_eq!(store.requests(), arrived, "{}", store.name);
        assert!(store.keys().await.is_empty(), "{}", store.name);
    }
}

#[tokio::test]
async fn tags_of_any_text_are_sent_or_refused() {
    for store in stores().await {
        let pairs = store.db.table::<Pair>();
        for value in HOSTILE {
            let options = WriteOptions::new().tag("tag", *value);
            let written = pairs.upsert_with(&Pair::new("tags", "1"), &options).await;
            if let Err(error) = written {
                let kind = error.kind();
                let clear = matches!(kind, ErrorKind::Unsupported | ErrorKind::InvalidConfig);
                assert!(clear, "{} {value:?}: {error:?}", store.name);
            }
        }
    }
}

impl Pair {
    fn to_key_pair(&self) -> (&str, &str) {
        (&self.a, &self.b)
    }
}
