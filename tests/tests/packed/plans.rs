//! What `explain` and `analyze` say of packed tables.

use s3aads::{Pricing, Pushdown};

use crate::queries::holding;
use crate::weather::{Weather, packs};

#[tokio::test]
async fn a_plan_tells_lists_gets_and_price() {
    let db = holding(packs()).await;
    let table = db.table::<Weather>();

    let all = table.explain().unwrap();
    assert_eq!(
        all.to_string(),
        "read weather in packs\n\
         ├─ prefix \"weather/location=\"\n\
         ├─ ceil(n/1000) LIST, n packs match\n\
         ├─ n GET, one for each pack that matches, up to 32 at once\n\
         └─ $0.005 per 1000 LIST and $0.0004 per 1000 GET"
    );
    let all = all.assume_packs(8);
    assert_eq!(
        (all.lists().most(), all.gets().unwrap().most()),
        (Some(1), Some(8))
    );
    assert_eq!(
        all.to_string(),
        "read weather in packs\n\
         ├─ prefix \"weather/location=\"\n\
         ├─ 1 LIST for 8 packs (ceil(n/1000)), n packs match\n\
         ├─ 8 GET, one for each pack that matches, up to 32 at once\n\
         └─ $0.0000082"
    );
    // A million rows, a thousand in a pack.
    let million = table.explain().unwrap().assume_packs(1000);
    let price = million.price(&Pricing::default());
    assert!((price.least - 0.000_405).abs() < 1e-9, "{price}");

    let named = table
        .filter_by_location("Seattle")
        .filter_by_year(2012)
        .filter_by_month(6..=8);
    let plan = named.explain().unwrap();
    assert_eq!(
        plan.to_string(),
        "read weather in packs\n\
         ├─ prefix \"weather/location=Seattle/year=2012/rows.ndjson\"\n\
         ├─ location = \"Seattle\": pushed down as prefix\n\
         ├─ year = 2012: pushed down as prefix\n\
         ├─ month 6..=8: tested line by line\n\
         ├─ 1 GET, of the pack that the filters name\n\
         └─ $0.0000004"
    );
    let pushdowns: Vec<Pushdown> = plan
        .columns()
        .iter()
        .map(|column| column.pushdown())
        .collect();
    assert_eq!(
        pushdowns,
        [Pushdown::Prefix, Pushdown::Prefix, Pushdown::Lines]
    );

    let several = table
        .filter_by_location(["Seattle", "Oslo"])
        .filter_by_year(2012)
        .explain()
        .unwrap();
    assert_eq!(several.columns()[0].pushdown(), Pushdown::Named);
    assert_eq!(
        (several.lists().most(), several.gets().unwrap().most()),
        (Some(0), Some(2))
    );

    let some = table
        .filter_by_location("Seattle")
        .limit(10)
        .explain()
        .unwrap();
    assert_eq!(
        some.to_string(),
        "read weather in packs\n\
         ├─ prefix \"weather/location=Seattle/year=\"\n\
         ├─ location = \"Seattle\": pushed down as prefix\n\
         ├─ ceil(n/1000) LIST, n packs match\n\
         ├─ at most n GET, until there are rows enough\n\
         └─ $0.005 per 1000 LIST and $0.0004 per 1000 GET"
    );
    let none: [u8; 0] = [];
    let nothing = table.filter_by_day(none).explain().unwrap().to_string();
    assert!(nothing.contains("0 LIST, nothing can match"), "{nothing}");
    assert!(nothing.ends_with("$0"), "{nothing}");
}

#[tokio::test]
async fn an_analysis_tells_what_was_sent() {
    let db = holding(packs()).await;
    let table = db.table::<Weather>();
    let analysis = table.filter_by_month(7).analyze().await.unwrap();
    assert_eq!((analysis.rows(), analysis.usage().total()), (8 * 31, 9));
    let text = analysis.to_string();
    assert!(
        text.contains("sent 1 LIST, 8 GET") || text.contains("8 GET"),
        "{text}"
    );
    assert!(text.contains("8 keys listed, 248 rows matched"), "{text}");
}
