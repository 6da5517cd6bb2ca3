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
