//! Packs that others wrote: what is read of them, and what is told of the rest.

use futures_util::{StreamExt, TryStreamExt};
use s3aads::{Error, ErrorKind, OnForeign};

use crate::queries::holding;
use crate::weather::{Weather, days_in, lines, path};

/// Seattle's 2012 with one line in the middle replaced, and a good pack after it.
async fn with_line(line: &str) -> s3aads::Database {
    let good = lines(&days_in("Seattle", 2012));
    let bad: Vec<&str> = good
        .lines()
        .enumerate()
        .map(|(i, old)| if i == 100 { line } else { old })
        .collect();
    let after = lines(&days_in("Seattle", 2013));
    holding([
        (path("Seattle", 2012), bad.join("\n")),
        (path("Seattle", 2013), after),
    ])
    .await
}

const JOINED: &str = concat!(
    r#"{"location":"Seattle","year":2012,"month":4,"day":10,"temp_max":1.0}"#,
    r#"{"location":"Seattle","year":2012,"month":4,"day":11,"temp_max":2.0}"#,
);

#[tokio::test]
async fn a_line_that_is_no_row_is_told_and_hides_no_other() {
    for (line, why) in [
        ("nonsense", "line 101"),
        // Somebody appended to a pack without a last line break.
        (JOINED, "trailing characters"),
        (r#"{"location":"Seattle","year":2012,"month":7}"#, "day"),
        (
            r#"{"location":"Oslo","year":2012,"month":12,"day":31,"temp_max":1.0}"#,
            "Oslo",
        ),
        (
            r#"{"location":"Seattle","year":2012,"month":"July","day":1,"temp_max":1.0}"#,
            "July",
        ),
    ] {
        let db = with_line(line).await;
        let table = db.table::<Weather>();
        let told = |error: &Error| {
            let text = error.to_string();
            assert_eq!(error.kind(), ErrorKind::InvalidRow, "{text}");
            assert!(text.contains(why), "{text}");
            assert!(text.contains("line 101"), "{text}");
            assert!(
                text.contains("location=Seattle/year=2012/rows.ndjson"),
                "{text}"
            );
            assert_eq!(
                (error.database(), error.table()),
                (Some("packs"), Some("weather"))
            );
        };
        told(&table.rows().await.unwrap_err());
        told(&table.keys().await.unwrap_err());
        told(&table.count().await.unwrap_err());
        told(&table.months().await.unwrap_err());
        let items: Vec<_> = table.query().stream().collect().await;
        let (rows, errors): (Vec<_>, Vec<_>) = items.into_iter().partition(Result::is_ok);
        assert_eq!((rows.len(), errors.len()), (365 + 365, 1));
        told(errors[0].as_ref().unwrap_err());

        // A page tells it once, and the pages after it can be reached.
        let page = table.page(50).await.unwrap();
        assert_eq!((page.rows.len(), page.invalid.len()), (50, 1));
        told(&page.invalid[0]);
        let second = table.after(page.cursor.unwrap()).page(500).await.unwrap();
        assert_eq!((second.rows.len(), second.invalid.len()), (500, 0));
        let raw = table.raw().all().page(5).await.unwrap();
        assert_eq!((raw.rows.len(), raw.invalid.len()), (5, 1));

        // What is read without that pack is as it was.
        assert_eq!(table.filter_by_year(2013).count().await.unwrap(), 365);
        assert_eq!(table.years().await.unwrap(), [2012, 2013]);
    }
}

#[tokio::test]
async fn a_row_whose_body_does_not_decode_is_an_error_of_its_own() {
    let db = with_line(r#"{"location":"Seattle","year":2012,"month":4,"day":10,"temp_max":"hot"}"#)
        .await;
    let table = db.table::<Weather>();
    assert_eq!(table.count().await.unwrap(), 731);
    let error = table.rows().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRow);
    assert_eq!(error.column(), Some("temp_max"));
    assert_eq!(
        error.key(),
        Some("location=Seattle/year=2012/month=4/day=10/row.json")
    );
    let page = table.filter_by_month(4).page(9).await.unwrap();
    assert_eq!((page.rows.len(), page.invalid.len()), (9, 0));
    let page = table.filter_by_month(4).page(20).await.unwrap();
    assert_eq!((page.rows.len(), page.invalid.len()), (19, 1));
}

#[tokio::test]
async fn objects_that_are_no_packs_are_foreign() {
    let pack = lines(&days_in("Seattle", 2012));
    let db = holding([
        (path("Seattle", 2012), pack.clone()),
        (
            "weather/location=Seattle/year=2012/row.json".to_owned(),
            pack.clone(),
        ),
        (
            "weather/location=Seattle/year=2012/month=7/rows.ndjson".to_owned(),
            pack.clone(),
        ),
        (
            "weather/location=Seattle/year=MMXII/rows.ndjson".to_owned(),
            pack.clone(),
        ),
        ("weather/rows.ndjson".to_owned(), pack),
        ("weather/notes".to_owned(), String::new()),
    ])
    .await;
    let table = db.table::<Weather>();
    assert_eq!(table.count().await.unwrap(), 366);
    assert_eq!(table.years().await.unwrap(), [2012]);
    let analysis = table.analyze().await.unwrap();
    // What is not below `location=` is not listed.
    assert_eq!((analysis.rows(), analysis.foreign()), (366, 3));
    let error = table.on_foreign(OnForeign::Fail).count().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignObject, "{error}");
}

#[tokio::test]
async fn verify_tells_objects_lines_and_bodies() {
    let db = with_line("nonsense").await;
    let table = db.table::<Weather>();
    let mut verification = table.verify();
    let finding = verification.try_next().await.unwrap().unwrap();
    assert_eq!(finding.object, path("Seattle", 2012));
    assert_eq!(finding.error.kind(), ErrorKind::InvalidRow);
    assert!(
        finding.error.to_string().contains("line 101"),
        "{}",
        finding.error
    );
    assert!(verification.try_next().await.unwrap().is_none());
    let report = verification.report();
    assert_eq!(
        (report.rows, report.undecodable, report.foreign),
        (730, 1, 0)
    );

    let hot = r#"{"location":"Seattle","year":2012,"month":4,"day":10,"temp_max":"hot"}"#;
    let db = with_line(hot).await;
    let report = db.table::<Weather>().verify().finish().await.unwrap();
    assert_eq!(
        (report.rows, report.undecodable, report.foreign),
        (730, 1, 0)
    );

    let good = lines(&days_in("Seattle", 2012));
    let foreign = [
        "weather/year=1/rows.ndjson",
        "weather/location=a/year=x/rows.ndjson",
        "weather/a",
    ];
    let mut objects: Vec<_> = foreign
        .iter()
        .map(|&key| (key.to_owned(), good.clone()))
        .collect();
    objects.push((path("Seattle", 2012), good));
    let db = holding(objects).await;
    let report = db.table::<Weather>().verify().finish().await.unwrap();
    assert_eq!(
        (report.rows, report.undecodable, report.foreign),
        (366, 0, 3)
    );
}
