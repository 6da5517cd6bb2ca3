//! Transactions within a pack.

use crate::*;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::test]
async fn rows_change_together_or_not_at_all() {
    let wire = wire();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    accounts
        .insert_all((0..4).map(|name| account(1, name)))
        .await
        .into_result()
        .unwrap();
    wire.server.clear_log();
    let bank = accounts.pack(1);
    let moved = bank.transact(|rows| {
        let mut from = rows.get(0)?.ok_or("no account")?;
        let mut to = rows.get(1)?.ok_or("no account")?;
        from.cents -= 30;
        to.cents += 30;
        rows.upsert(&from)?;
        rows.upsert(&to)?;
        assert_eq!(
            rows.get(0)?.map(|row| row.cents),
            Some(70),
            "it sees what it did"
        );
        rows.insert(&account(1, 9))?;
        assert!(rows.remove(3)? && !rows.remove(3)?);
        let names: Vec<u32> = rows.all()?.iter().map(|row| row.name).collect();
        assert_eq!(names, [0, 1, 2, 9]);
        let middle: Vec<u32> = rows.range(1..9)?.iter().map(|row| row.name).collect();
        assert_eq!(middle, [1, 2]);
        Ok::<_, Failure>(30)
    });
    assert_eq!(moved.await.unwrap(), 30);
    assert_eq!(wire.take_log(), ["PUT 200"]);
    let now = bank.rows().await.unwrap();
    assert_eq!(wire.take_log(), ["GET 200"]);
    let cents: Vec<_> = now.iter().map(|row| (row.name, row.cents)).collect();
    assert_eq!(cents, [(0, 70), (1, 130), (2, 100), (9, 100)]);

    let before = wire.text("accounts/1/rows.ndjson");
    let failed = bank.transact(|rows| {
        rows.remove(0)?;
        rows.insert(&account(1, 1))?;
        Ok::<_, s3aads::Error>(())
    });
    assert_eq!(kind(failed.await), ErrorKind::AlreadyExists);
    let failed = bank.transact(|rows| {
        rows.remove(0)?;
        Err::<(), Failure>("changed my mind".into())
    });
    assert_eq!(failed.await.unwrap_err().to_string(), "changed my mind");
    let foreign = bank.transact(|rows| rows.upsert(&account(2, 1)));
    assert_eq!(kind(foreign.await), ErrorKind::InvalidKey);
    assert_eq!(wire.text("accounts/1/rows.ndjson"), before);
    assert_eq!(accounts.pack(7).rows().await.unwrap(), []);
    let all = bank.transact(|rows| {
        for row in rows.all()? {
            rows.remove(row.name)?;
        }
        Ok::<_, s3aads::Error>(rows.all()?.len())
    });
    assert_eq!(all.await.unwrap(), 0);
    assert_eq!(wire.text("accounts/1/rows.ndjson"), None);
}

/// What was read, a row that was not there and the rows of a range too, must still be so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_read_must_hold_when_it_is_committed() {
    let wire = wire();
    wire.begin().await;
    let theirs = wire.other().await.table::<Account>();
    theirs.insert(&account(1, 5)).await.unwrap();
    type Look = fn(&mut s3aads::PackRows<'_, Account>) -> s3aads::Result<usize>;
    let looks: [(&str, Look); 4] = [
        ("a row", |rows| {
            Ok(usize::from(
                rows.get(5)?.is_some_and(|row| row.cents > 1000),
            ))
        }),
        ("no row", |rows| Ok(usize::from(rows.get(6)?.is_some()))),
        ("a range", |rows| Ok(rows.range(6..=7)?.len())),
        ("all", |rows| Ok(rows.all()?.len())),
    ];
    for (number, (what, look)) in looks.into_iter().enumerate() {
        let marks = 100 + number as u32;
        let mut trials = 0;
        let mine = wire.other().await.table::<Account>();
        let bank = mine.pack(1);
        let seen = bank.transact(|rows| {
            trials += 1;
            let seen = look(rows)?;
            if trials == 1 {
                // While this is under way.
                let theirs = theirs.clone();
                std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build();
                    runtime.unwrap().block_on(async {
                        let mut rich = account(1, 5);
                        rich.cents = 5000;
                        theirs.upsert(&rich).await.unwrap();
                        theirs.upsert(&account(1, 6)).await.unwrap();
                    });
                })
                .join()
                .unwrap();
            }
            rows.upsert(&account(1, marks))?;
            Ok::<_, s3aads::Error>(seen)
        });
        let seen = seen.await.unwrap();
        assert!(trials > 1, "{what}");
        assert!(seen >= 1, "{what}");
        theirs.upsert(&account(1, 5)).await.unwrap();
        theirs.delete((1, 6)).await.unwrap();
    }
}

/// A neighbour that was not read may change.
#[tokio::test]
async fn a_transaction_does_not_mind_what_it_did_not_read() {
    let wire = wire();
    wire.begin().await;
    let mine = wire.db.table::<Account>();
    let theirs = wire.other().await.table::<Account>();
    mine.insert(&account(1, 1)).await.unwrap();
    theirs.insert(&account(1, 2)).await.unwrap();
    let mut trials = 0;
    let bank = mine.pack(1);
    let done = bank.transact(|rows| {
        trials += 1;
        let mut row = rows.get(1)?.unwrap();
        row.cents += 1;
        rows.upsert(&row)
    });
    done.await.unwrap();
    assert_eq!(trials, 1);
    assert_eq!(mine.pack(1).rows().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_table_whose_columns_are_all_packed_is_one_pack() {
    #[derive(Debug, PartialEq, S3Table)]
    #[s3(compress = "gzip")]
    struct Setting {
        #[s3(key, packed)]
        name: String,
        value: String,
    }
    let wire = wire();
    let settings = wire.db.table::<Setting>();
    let set = |name: &str, value: &str| Setting {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let all = settings.pack(());
    let done = all.transact(|rows| {
        rows.upsert(&set("a", "1"))?;
        rows.upsert(&set("", "2"))
    });
    done.await.unwrap();
    assert_eq!(all.rows().await.unwrap(), [set("", "2"), set("a", "1")]);
    let stored = wire
        .server
        .object(BUCKET, "setting/rows.ndjson.gz")
        .unwrap();
    assert_eq!(
        stored.attributes.content_type.as_deref(),
        Some("application/gzip")
    );
    assert_eq!(stored.body[..2], [0x1f, 0x8b]);
    settings.delete("a").await.unwrap();
    assert_eq!(all.rows().await.unwrap(), [set("", "2")]);
}
