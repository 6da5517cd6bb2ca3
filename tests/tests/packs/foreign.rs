//! Writes over packs that others wrote.

use crate::*;

#[tokio::test]
async fn other_lines_keep_their_bytes_and_are_put_in_order() {
    let wire = wire();
    let days = wire.db.table::<Weather>();
    let odd = r#"{ "temp": 1e0, "day":9, "month": 7 , "source":"x" }"#;
    wire.put_raw(PACK, &format!("\u{feff}{}\r\n{odd}", line(12, 2)));
    days.insert(&weather(10, 3)).await.unwrap();
    assert_eq!(
        wire.text(PACK).unwrap(),
        format!("{odd}\n{}{}", line(10, 3), line(12, 2))
    );
}

#[tokio::test]
async fn a_pack_with_a_line_that_is_no_row_is_left_as_it_is() {
    let wire = wire();
    wire.begin().await;
    let days = wire.db.table::<Weather>();
    let broken = format!("{}{{\"month\":7,\n", line(1, 1));
    wire.put_raw(PACK, &broken);
    let written = [
        days.insert(&weather(2, 2)).await.map(drop),
        days.upsert(&weather(1, 2)).await.map(drop),
        days.delete(&weather(1, 2)).await,
        days.modify(&weather(1, 2), |day| day.temp += 1)
            .await
            .map(drop),
        days.pack(("Rome", 2012))
            .transact(|rows| rows.upsert(&weather(3, 3)))
            .await,
        days.pack(("Rome", 2012)).rows().await.map(drop),
    ];
    for written in written {
        let error = written.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRow);
        let said = error.to_string();
        assert!(
            said.contains("line 2 is not one of the pack's rows"),
            "{said}"
        );
        assert!(
            said.contains("location=Rome/year=2012/rows.ndjson"),
            "{said}"
        );
    }
    assert_eq!(wire.text(PACK).unwrap(), broken);
    assert_eq!(
        days.select(&weather(1, 0)).await.unwrap(),
        Some(weather(1, 1))
    );
    assert_eq!(
        kind(days.select(&weather(2, 0)).await),
        ErrorKind::InvalidRow
    );
}

/// Whoever appends to a pack without a last line break makes one line of two rows.
#[tokio::test]
async fn two_rows_in_one_line_are_not_written_over() {
    let wire = wire();
    wire.begin().await;
    let days = wire.db.table::<Weather>();
    let broken = format!("{}{}{}", line(1, 1), line(2, 2).trim_end(), line(3, 3));
    wire.put_raw(PACK, &broken);
    // A read that is offered to the next write.
    assert_eq!(
        days.select(&weather(1, 0)).await.unwrap(),
        Some(weather(1, 1))
    );
    let written = [
        days.insert(&weather(4, 4)).await.map(drop),
        days.upsert(&weather(2, 9)).await.map(drop),
        days.delete(&weather(2, 2)).await,
        days.pack(("Rome", 2012))
            .transact(|rows| rows.remove((7, 2)).map(drop))
            .await,
        days.filter_by_day(2).delete().await.map(drop),
    ];
    for written in written {
        let error = written.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRow, "{error}");
        assert!(
            error
                .to_string()
                .contains("line 2 is not one of the pack's rows: trailing characters"),
            "{error}"
        );
    }
    assert_eq!(wire.text(PACK).unwrap(), broken);
}
