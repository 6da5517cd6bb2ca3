//! Names that a disk takes for one, and names that it does not take.

use std::fs;

use s3aads::{ErrorKind, OnForeign, RawTable};

use super::*;

/// Texts that a file system may mix up, or not take at all.
const TEXTS: [&str; 16] = [
    "Bern", "bern", "BERN", "\u{e9}", "e\u{301}", "\u{c9}", "con", "CON", "con.txt", "aux", "a",
    "a.", "a ", "ß", "ss", "SS",
];

#[derive(Debug, S3Table)]
#[s3(table = "cities")]
struct City {
    #[s3(key)]
    name: String,
}

/// Every text is a row of its own, as a column and as a folder.
async fn all_are_apart(table: &RawTable) {
    for text in TEXTS {
        let key = [text, text];
        table.insert_string(key, text).await.expect(text);
    }
    for text in TEXTS {
        let stored = table.select_string([text, text]).await.expect(text);
        assert_eq!(stored.as_deref(), Some(text));
    }
    let mut sorted: Vec<String> = TEXTS.iter().map(ToString::to_string).collect();
    sorted.sort();
    let mut listed = table.distinct(["a"]).await.expect("values").concat();
    listed.sort();
    assert_eq!(listed, sorted);
    assert_eq!(table.count().await.expect("a count"), TEXTS.len() as u64);
    for (gone, text) in TEXTS.iter().enumerate() {
        table.delete([*text, *text]).await.expect(text);
        let left = table.count().await.expect("a count");
        assert_eq!(left, (TEXTS.len() - gone - 1) as u64);
    }
}

/// Escapes the names of a database, as where the file system folds them.
fn escape_names(folder: &Path) {
    let own = folder.join("db/_s3aads/lock");
    fs::create_dir_all(&own).expect("a folder");
    fs::write(own.join("names"), "escaped\n").expect("a file");
}

#[tokio::test]
async fn rows_whose_names_fold_are_apart() {
    let (_folder, db) = fresh().await;
    all_are_apart(&db.raw_table("cities", ["a", "b"]).expect("a table")).await;
}

#[tokio::test]
async fn rows_whose_names_fold_are_apart_with_escaped_names() {
    let (folder, db) = fresh().await;
    escape_names(folder.path());
    let table = db.raw_table("cities", ["a", "b"]).expect("a table");
    table
        .insert_string(["Bern", "a b."], "x")
        .await
        .expect("a row");
    assert!(folder.path().join("db/cities/^42ern/a^20b^2e").exists());
    table.delete(["Bern", "a b."]).await.expect("a delete");
    all_are_apart(&table).await;
    // An escaped database stays one wherever it is opened.
    let again = open(folder.path())
        .raw_table("cities", ["a", "b"])
        .expect("a table");
    all_are_apart(&again).await;
}

/// What another program named is counted among what is no row, and not overlooked.
#[tokio::test]
async fn names_that_no_row_has_are_foreign() {
    let (folder, db) = fresh().await;
    escape_names(folder.path());
    let cities = db.table::<City>();
    cities
        .insert(&City {
            name: "Bern".to_owned(),
        })
        .await
        .expect("a row");
    fs::write(folder.path().join("db/cities/thun 2"), "foreign").expect("a file");
    fs::write(folder.path().join("db/cities/zug"), "").expect("a file");
    assert_eq!(cities.names().await.expect("the names"), ["Bern", "zug"]);
    let error = cities
        .query()
        .on_foreign(OnForeign::Fail)
        .keys()
        .await
        .map(drop);
    let error = error.expect_err("a foreign object");
    assert!(error.to_string().contains("thun 2"), "{error}");
}

#[tokio::test]
async fn an_unknown_naming_is_refused() {
    let (folder, db) = fresh().await;
    escape_names(folder.path());
    fs::write(folder.path().join("db/_s3aads/lock/names"), "upside-down\n").expect("a file");
    let error = db.table::<Row>().count().await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
}

#[tokio::test]
async fn a_name_longer_than_the_disk_takes_is_an_invalid_key() {
    let (_folder, db) = fresh().await;
    let table = db.raw_table("rows", ["name"]).expect("a table");
    let long = "x".repeat(256);
    let error = table
        .insert_string([long.as_str()], "x")
        .await
        .map(drop)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidKey, "{error:?}");
    assert!(error.to_string().contains("255 bytes"), "{error}");
    assert_eq!(table.select([long.as_str()]).await.expect("no row"), None);
    table
        .delete([long.as_str()])
        .await
        .expect("nothing to delete");
    assert_eq!(table.count().await.expect("a count"), 0);
}
