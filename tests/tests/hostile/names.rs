//! Names of tables, columns and databases, and raw paths.

use std::collections::BTreeSet;

use s3aads::{ErrorKind, Result, Server, SortBy};

use crate::HOSTILE;
use crate::stores::stores;

#[tokio::test]
async fn a_table_of_any_name_is_a_folder_of_its_own() {
    for store in stores().await {
        let mut made = BTreeSet::new();
        for &name in HOSTILE {
            let table = match store.db.raw_table(name, ["id"]) {
                Ok(table) => table,
                Err(error) => {
                    assert!(matches!(name, "" | "_s3aads"), "{name:?}: {error}");
                    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
                    continue;
                }
            };
            let before = store.keys().await;
            table.insert_string(["1"], name).await.unwrap();
            let after = store.keys().await;
            let new: Vec<&String> = after.difference(&before).collect();
            let [new] = new.as_slice() else {
                panic!("{} {name:?}: {new:?}", store.name);
            };
            let (folder, row) = new.split_once('/').unwrap();
            assert_eq!(row, "1", "{} {name:?}", store.name);
            assert!(!matches!(folder, "" | "." | ".." | "_s3aads"), "{name:?}");
            made.insert(name.to_owned());
        }
        let mut listed = store.db.tables().await.unwrap();
        listed.sort_unstable();
        assert!(listed.iter().eq(&made), "{}: {listed:?}", store.name);
        for name in &made {
            let table = store.db.get_table(name).await.unwrap().unwrap();
            assert_eq!(table.name(), name);
            assert_eq!(
                table.select_string(["1"]).await.unwrap().as_ref(),
                Some(name)
            );
            let before = store.keys().await.len();
            assert_eq!(
                store.db.drop_table(name).await.unwrap(),
                1,
                "{} {name:?}",
                store.name
            );
            assert_eq!(
                store.keys().await.len(),
                before - 1,
                "{} {name:?}",
                store.name
            );
        }
        assert!(store.keys().await.is_empty());
    }
}

#[tokio::test]
async fn a_name_that_no_key_can_hold_is_refused_before_a_request() {
    let long = "n".repeat(1 << 20);
    for store in stores().await {
        let (counted, arrived) = (store.db.usage(), store.requests());
        let table = store.db.raw_table(&long, ["id"]);
        assert_eq!(table.unwrap_err().kind(), ErrorKind::InvalidKey);
        for error in [
            store.db.get_table(&long).await.unwrap_err(),
            store.db.drop_table(&long).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidKey, "{error}");
        }
        for name in ["", "_s3aads"] {
            for error in [
                store.db.get_table(name).await.unwrap_err(),
                store.db.drop_table(name).await.unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
            }
        }
        assert_eq!(store.db.usage(), counted, "{}", store.name);
        assert_eq!(store.requests(), arrived, "{}", store.name);
    }
}

#[tokio::test]
async fn columns_of_any_name() {
    for store in stores().await {
        let names: Vec<&str> = HOSTILE
            .iter()
            .copied()
            .filter(|name| !name.is_empty())
            .collect();
        for pair in names.windows(2) {
            let [one, two] = pair else { unreachable!() };
            let table = store.db.raw_table("columns", [*one, *two]).unwrap();
            assert_eq!(table.columns(), pair);
            table.insert(["1", "2"], "x").await.unwrap();
            let key = table.to_key([(*two, "2"), (*one, "1")]).unwrap();
            assert_eq!(table.query([(*two, "2")]).await.unwrap(), [key]);
            assert_eq!(table.column_values(one).await.unwrap(), ["1"]);
            let unknown = table.query([("no such\0column", "1")]).await.unwrap_err();
            assert_eq!(unknown.kind(), ErrorKind::InvalidKey);
            assert_eq!(store.db.drop_table("columns").await.unwrap(), 1);
        }
        let twice = store.db.raw_table("columns", ["a", "a"]).unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::InvalidConfig);
    }
}

#[tokio::test]
async fn a_path_that_is_no_key_is_refused_before_a_request() {
    let refused = |result: Result<()>, path: &str| {
        let error = result.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::InvalidKey, "{path:?}: {error}");
    };
    let long = format!("a/{}", "x".repeat(1 << 20));
    let paths = [
        "",
        "/",
        "//",
        "a",
        "a/",
        "/a",
        "a/b/",
        "/a/b",
        "a/b/c",
        "a//b",
        "../b",
        "a/..",
        "./b",
        "../../x/y",
        "a/%2e%2e",
        "a/%",
        "a/%zz",
        "a/%41",
        "a/\u{e9}",
        "a/b\0",
        "a/b\n",
        "a\\b",
        "a/~",
        &long,
    ];
    for store in stores().await {
        let table = store.db.raw_table("t", ["a", "b"]).unwrap();
        table.insert_by_key("a/b", "kept").await.unwrap();
        let (counted, arrived) = (store.db.usage(), store.requests());
        for path in paths {
            refused(table.insert_by_key(path, "").await.map(drop), path);
            refused(table.upsert_by_key(path, "").await.map(drop), path);
            refused(table.select_by_key(path).await.map(drop), path);
            refused(table.delete_by_key(path).await, path);
            refused(table.copy(path).to(&table, "a/b").await, path);
            refused(table.copy("a/b").to(&table, path).await, path);
        }
        for prefix in [
            "/", "a/b/c", "..", "../a", "a/..", "a//b", "%", "\u{e9}", "a/b/", &long,
        ] {
            // One slash at the end of a folder is what the Python library takes too.
            let found = table.query_by_key(prefix, SortBy::Key).await;
            match prefix {
                "a/b/" => assert_eq!(found.unwrap().len(), 1),
                _ => refused(found.map(drop), prefix),
            }
        }
        let sent = store.db.usage().since(&counted).total();
        assert_eq!(sent, 1, "{}", store.name);
        assert_eq!(store.requests(), arrived + 1, "{}", store.name);
        assert_eq!(store.keys().await, BTreeSet::from(["t/a/b".to_owned()]));
    }
}

#[tokio::test]
async fn databases_of_any_name_are_folders_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("databases");
    std::fs::create_dir(&root).unwrap();
    let server = Server::local(&root);
    let mut made = BTreeSet::new();
    for &name in HOSTILE.iter().filter(|name| !name.is_empty()) {
        let db = server.database(name).unwrap();
        assert_eq!(db.name(), name);
        db.create().await.unwrap();
        made.insert(name.to_owned());
    }
    assert_eq!(
        server.database("").unwrap_err().kind(),
        ErrorKind::InvalidConfig
    );
    assert!(server.list_databases().await.unwrap().iter().eq(&made));
    assert_eq!(std::fs::read_dir(&root).unwrap().count(), made.len());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
