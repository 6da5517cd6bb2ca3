//! Many rows at once.

use crate::*;

/// 2,922 days of 8 packs: 2 locations, 2012 to 2015 with 1,461 days.
fn days() -> Vec<Weather> {
    let mut days = Vec::new();
    for location in ["Rome", "Oslo"] {
        for year in 2012..2016u16 {
            for month in 1..=12u8 {
                let length = match month {
                    2 if year == 2012 => 29,
                    2 => 28,
                    4 | 6 | 9 | 11 => 30,
                    _ => 31,
                };
                days.extend((1..=length).map(|day| Weather {
                    location: location.to_owned(),
                    year,
                    month,
                    day,
                    temp: 1,
                }));
            }
        }
    }
    days
}

#[tokio::test]
async fn a_batch_sends_two_requests_for_each_pack() {
    let wire = wire();
    wire.begin().await;
    let table = wire.db.table::<Weather>();
    let mut days = days();
    assert_eq!(days.len(), 2922);
    fastrand::Rng::with_seed(1).shuffle(&mut days);
    table.insert_all(&days).await.into_result().unwrap();
    assert_eq!(wire.take_log().len(), 16);
    // A handle that knows the packs.
    for day in &mut days {
        day.temp = 2;
    }
    table.upsert_all(&days).await.into_result().unwrap();
    assert_eq!(wire.take_log(), ["PUT 200"; 8]);
    // One that does not.
    let table = wire.other().await.table::<Weather>();
    let report = table.insert_all(&days).await;
    assert_eq!((report.failed(), report.succeeded()), (2922, 0));
    assert_eq!(wire.take_log(), ["GET 200"; 8], "they are all there");
    let keys: Vec<WeatherKey> = days.iter().map(WeatherKey::from).collect();
    let rome = keys.iter().filter(|key| key.location == "Rome").cloned();
    assert_eq!(table.delete_all(rome).await.failed(), 0);
    assert_eq!(wire.take_log(), ["DELETE 204"; 4], "it has read them");
    assert_eq!(wire.text(PACK), None);
}

/// Wherever the keys of a pack are among the others, and however often.
#[tokio::test]
async fn a_batch_of_keys_reads_each_pack_once() {
    let wire = wire();
    wire.begin().await;
    let table = wire.db.table::<Weather>();
    let mut days = days();
    table.insert_all(&days).await.into_result().unwrap();
    fastrand::Rng::with_seed(2).shuffle(&mut days);
    let table = wire.other().await.table::<Weather>();
    let absent = [("Rome", 2012, 13, 1), ("Bern", 2012, 1, 1)].map(WeatherKey::from);
    let there = days.iter().chain(&days[..500]).map(WeatherKey::from);
    let keys: Vec<WeatherKey> = there.chain(absent.clone()).collect();
    let selected = table.select_all(keys.clone()).await;
    let expected = days.iter().chain(&days[..500]).cloned().map(Some);
    let expected: Vec<_> = expected.chain([None, None]).collect();
    assert!(
        selected
            .outcomes()
            .iter()
            .map(|outcome| &outcome.key)
            .eq(&keys)
    );
    assert_eq!(selected.into_result().unwrap(), expected);
    let mut log = wire.take_log();
    log.sort_unstable();
    assert_eq!(log, [vec!["GET 200"; 8], vec!["GET 404"]].concat());

    // A pack that can't be read is the error of its rows alone.
    wire.put_raw(PACK, "nonsense");
    let report = table
        .select_all(days[..100].iter().map(WeatherKey::from))
        .await;
    for (day, outcome) in days.iter().zip(report.outcomes()) {
        let broken = (day.location.as_str(), day.year) == ("Rome", 2012);
        assert_eq!(outcome.result.is_err(), broken, "{day:?}");
    }
    assert!(report.failed() > 0);
    let error = report.into_result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRow);
    wire.faults
        .add(Rule::new(Action::respond(403, "AccessDenied")).class(RequestClass::Get));
    let refused = wire
        .db
        .table::<Weather>()
        .select_all(keys[..3].to_vec())
        .await;
    for outcome in refused {
        let error = outcome.result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        let place = outcome.key.to_string();
        assert!(error.to_string().contains(&place), "{error} names {place}");
    }
}

#[tokio::test]
async fn outcomes_are_in_the_order_of_the_rows() {
    let wire = wire();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    accounts.insert(&account(2, 2)).await.unwrap();
    let rows = [(1, 1), (2, 2), (1, 1), (3, 1), (2, 1)].map(|(bank, name)| account(bank, name));
    let report = accounts.insert_all(&rows).await;
    let outcomes: Vec<_> = report
        .outcomes()
        .iter()
        .map(|outcome| ((outcome.key.bank, outcome.key.name), outcome.result.is_ok()))
        .collect();
    let expected = [
        ((1, 1), true),
        ((2, 2), false),
        ((1, 1), false),
        ((3, 1), true),
        ((2, 1), true),
    ];
    assert_eq!(outcomes, expected);
    let one_at_a_time = accounts.delete_all(rows.iter()).concurrency(1).await;
    assert_eq!(one_at_a_time.failed(), 0);
    assert_eq!(wire.server.object_count(BUCKET), 2, "the schemas");
}

/// A query's delete takes out what it found: whole packs and parts of them.
#[tokio::test]
async fn a_query_deletes_what_it_found_of_each_pack() {
    let wire = wire();
    wire.begin().await;
    let table = wire.db.table::<Weather>();
    table.insert_all(&days()).await.into_result().unwrap();
    let other = wire.other().await.table::<Weather>();
    let part = other.filter_by_location("Rome").filter_by_month(2);
    let deleted = part.delete().await.unwrap();
    assert_eq!((deleted.rows, deleted.spared.len()), (29 + 3 * 28, 0));
    let mut log = wire.take_log();
    log.sort_unstable();
    let expected = [vec!["GET 200"; 8], vec!["LIST 200"], vec!["PUT 200"; 4]];
    assert_eq!(
        log,
        expected.concat(),
        "each pack is read to find rows, and to write it"
    );
    assert_eq!(other.count().await.unwrap(), 2922 - 113);
    let spent = other.query().request_budget(12).delete().await.unwrap_err();
    assert_eq!(spent.kind(), ErrorKind::BudgetExceeded);
    assert_eq!(
        other.count().await.unwrap(),
        2922 - 113,
        "nothing was deleted"
    );
    let whole = other.filter_by_year(2013..).delete().await.unwrap();
    assert_eq!(whole.rows, 2 * 1095 - 3 * 28);
    assert_eq!(other.years().await.unwrap(), [2012]);
    assert_eq!(
        wire.text("weather/location=Oslo/year=2013/rows.ndjson"),
        None
    );
}

/// Rows that are inserted into the same packs meanwhile, and do not match or come later, are not lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_s_delete_loses_no_insert() {
    let wire = wire();
    wire.begin().await;
    for round in 0..6i64 {
        let table = wire.db.table::<Account>();
        let rows = (0..4).flat_map(|bank| (0..200).map(move |name| account(bank, name)));
        table.upsert_all(rows).await.into_result().unwrap();
        let writers = (0..4u32).map(|bank| {
            let table = wire.other_now().table::<Account>();
            tokio::spawn(async move {
                for name in 0..20 {
                    // Of those that match by their name alone, and of those that don't.
                    let mut new = account(bank, 1000 + name);
                    new.cents = round;
                    table.upsert(&new).await.unwrap();
                    table
                        .modify((bank, 100 + name), |row| row.cents = -round)
                        .await
                        .unwrap();
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let deleted = match round % 2 {
            0 => table.filter_by_name(..100).delete().await.unwrap(),
            _ => table
                .filter_by_name(..100)
                .filter_by_bank(0..=3)
                .delete()
                .await
                .unwrap(),
        };
        assert_eq!((deleted.rows, deleted.spared.len()), (400, 0));
        for writer in writers {
            writer.await.unwrap();
        }
        for bank in 0..4 {
            let left = table.pack(bank).rows().await.unwrap();
            let names: Vec<u32> = left.iter().map(|row| row.name).collect();
            let expected: Vec<u32> = (100..200).chain(1000..1020).collect();
            assert_eq!(names, expected);
            let changed = left
                .iter()
                .filter(|row| row.cents == round || row.cents == -round);
            assert_eq!(changed.count(), if round == 100 { 120 } else { 40 });
        }
    }
}

#[tokio::test]
async fn a_row_that_was_changed_since_it_was_found_is_spared() {
    let wire = wire();
    wire.begin().await;
    let table = wire.db.table::<Account>();
    table
        .insert_all((0..3).map(|name| account(1, name)))
        .await
        .into_result()
        .unwrap();
    // The GET that finds the rows is answered; before the one that commits, another changes a row.
    let other = wire.other().await.table::<Account>();
    let rule = Rule::new(Action::Delay(Duration::from_millis(200))).class(RequestClass::Put);
    wire.faults.add(rule.times(1));
    let delete = table.filter_by_name(..2);
    let change = async {
        tokio::time::sleep(Duration::from_millis(60)).await;
        other.modify((1, 1), |row| row.cents += 1).await.unwrap();
    };
    let (deleted, ()) = tokio::join!(delete.delete(), change);
    let deleted = deleted.unwrap();
    assert_eq!(deleted.rows, 1);
    assert_eq!(deleted.spared, [AccountKey { bank: 1, name: 1 }]);
    assert_eq!(table.count().await.unwrap(), 2);
}
