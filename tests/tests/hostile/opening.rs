//! URLs, database names and prefixes.

use s3aads::{Database, ErrorKind, Server};

use crate::{HOSTILE, Pair};

#[test]
fn a_url_opens_a_database_or_is_refused() {
    let long = format!("memory:///{}", "x".repeat(1 << 20));
    let mut urls: Vec<String> = [
        "",
        " ",
        ":",
        "://",
        "//",
        "s3:",
        "s3:bucket",
        "s3:/bucket",
        "s3://",
        "s3:///",
        "s3://..",
        "s3://bucket:80",
        "s3://bucket:99999",
        "s3://[::1]",
        "s3://[",
        "s3://user@bucket",
        "s3://user:hunter2@bucket",
        "s3://bucket/../x",
        "s3://bucket/%2e%2e/x",
        "s3://bucket/a//b",
        "s3://bucket/%00",
        "s3://bucket/%FF",
        "s3://bucket?x",
        "s3://bucket#x",
        "file:",
        "file://",
        "file:///",
        "file:///..",
        "file://host/x",
        "file:///no/such/%00",
        "file:relative",
        "memory:",
        "memory://host",
        "gs://",
        "az://",
        "javascript:alert(1)",
        "data:text/plain,x",
        "\u{202e}s3://bucket",
        "s3\0://bucket",
        "s3://b\u{fc}cket",
        "s3://bucket/\u{202e}",
    ]
    .map(str::to_owned)
    .to_vec();
    urls.push(long.clone());
    urls.push(long.replace("memory:///", "s3://"));
    urls.push(long.replace("memory:///", "s3://bucket/"));
    urls.push(long.replace("memory:///", ""));
    urls.extend(HOSTILE.iter().map(|text| format!("memory:///{text}")));
    urls.extend(HOSTILE.iter().map(|text| format!("s3://{text}")));
    urls.extend(HOSTILE.iter().map(|text| format!("{text}://x")));
    for url in &urls {
        match Database::open(url) {
            Ok(db) => {
                assert!(
                    !db.name().is_empty() || url.starts_with("memory:"),
                    "{url:?}"
                );
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{url:?}: {error}");
                let text = format!("{error} {error:?}");
                assert!(text.len() < 2_000, "{url:?}");
                assert!(!text.contains("hunter2"));
            }
        }
    }
}

#[test]
fn a_file_url_with_a_name_that_no_file_has_is_refused() {
    for url in [
        "file:///",
        "file:///..",
        "file:///no/such/a%00b",
        "file:///a%00/b",
    ] {
        let error = Database::open(url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{url}: {error}");
    }
}

#[tokio::test]
async fn a_prefix_holds_its_tables_or_is_refused() {
    let long = "p".repeat(1 << 20);
    let prefixes = HOSTILE
        .iter()
        .copied()
        .chain(["a/b", "/a/", "a/%2E%2E/b", &long]);
    let server = Server::memory();
    let whole = server.database("db").unwrap();
    whole.create().await.unwrap();
    whole
        .table::<Pair>()
        .insert(&Pair::new("whole", "1"))
        .await
        .unwrap();
    for prefix in prefixes {
        let db = match server.database_at("db", prefix) {
            Ok(db) => db,
            Err(error) => {
                assert_eq!(
                    error.kind(),
                    ErrorKind::InvalidConfig,
                    "{prefix:?}: {error}"
                );
                assert!(error.to_string().len() < 1_000, "{prefix:?}");
                continue;
            }
        };
        if prefix.trim_matches('/').is_empty() {
            continue;
        }
        let pairs = db.table::<Pair>();
        let row = Pair::new("..", "1");
        pairs.insert(&row).await.unwrap();
        assert_eq!(pairs.rows().await.unwrap(), [row], "{prefix:?}");
        assert_eq!(db.tables().await.unwrap(), ["pairs"], "{prefix:?}");
        assert_eq!(db.drop_table("pairs").await.unwrap(), 1, "{prefix:?}");
    }
    assert_eq!(whole.tables().await.unwrap(), ["pairs"]);
    assert_eq!(whole.table::<Pair>().count().await.unwrap(), 1);
}
