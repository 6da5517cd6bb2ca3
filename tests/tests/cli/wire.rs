//! On the S3 wire: what is sent, what it may cost, and no secrets.

use s3aads_tests::server::{Operation, Server};
use serde_json::json;

use crate::run::{Place, days};

#[test]
fn the_same_on_s3() {
    let server = Server::start();
    let place = Place::s3(&server);
    days(&place);
    let url = &*place.url;
    assert_eq!(
        place.json(["databases", "s3://"]),
        [json!({"database": "shop"})]
    );
    assert_eq!(place.json(["tables", url]), [json!({"table": "days"})]);
    assert_eq!(place.ok(["count", url, "days", "city=Oslo"]), "2\n");
    place.ok(["put", url, "days", "Oslo", "7", "--data", "{}"]);
    place.ok(["copy", url, "days", "--to-table", "copies"]);
    assert!(server.keys("shop").contains(&"copies/Oslo/07".to_owned()));
    place.ok([
        "rekey",
        url,
        "copies",
        "by_month",
        "--columns",
        "month: u8, city",
        "--yes",
    ]);
    place.ok(["delete", url, "by_month", "month=1..=2", "--yes"]);
    assert_eq!(place.ok(["count", url, "by_month"]), "2\n");
    assert_eq!(
        place.json(["check", url])[0]["update_unchanged"],
        "honoured"
    );
    let prefixed = format!("{url}/below/here");
    place.ok(["put", &prefixed, "t", "1", "--columns", "k", "--data", "{}"]);
    assert!(server.keys("shop").contains(&"below/here/t/1".to_owned()));
}

#[test]
fn nothing_over_the_budget_is_sent() {
    let server = Server::start();
    let place = Place::s3(&server);
    server.seed("shop", (0..5000).map(|id| (format!("many/{id:06}"), "{}")));
    let url = &*place.url;
    server.clear_log();
    // 5000 GETs are $0.002, and 5 LISTs to count them $0.000025.
    let ran = place.run(["rows", url, "many", "--json", "--budget", "0.001"]);
    assert_eq!((ran.code, ran.out.len()), (5, 0), "{ran:?}");
    assert!(
        ran.err.contains("reading 5000 rows costs about $0.002025"),
        "{ran:?}"
    );
    assert_eq!(server.count(Operation::Get), 2, "the looks for a schema");
    // The first hundred cost a GET each.
    server.clear_log();
    place.ok(["rows", url, "many", "--budget", "0.001"]);
    assert!(server.count(Operation::Get) <= 103);
    assert_eq!(
        place
            .run(["rows", url, "many", "--json", "--budget", "0.001", "--yes"])
            .out
            .lines()
            .count(),
        5000
    );
    // A listing stops at the budget.
    let ran = place.run(["count", url, "many", "--budget", "0.00001"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.err.contains("budget"), "{ran:?}");
    assert_eq!(
        place
            .run(["export", url, "many", "--budget", "0.00001"])
            .code,
        5
    );
    // 300 PUTs are $0.0015.
    let lines: String = (0..300).map(|id| format!("{{\"id\":{id}}}\n")).collect();
    place.file("new.ndjson", lines);
    server.clear_log();
    let import = [
        "import",
        url,
        "new",
        "new.ndjson",
        "--columns",
        "id",
        "--budget",
        "0.001",
    ];
    let said = place.fails(5, import);
    assert!(
        said.contains("writing 300 rows costs about $0.0015"),
        "{said}"
    );
    assert_eq!(server.count(Operation::Put), 0);
    place.ok(import.iter().chain(&["--yes"]));
    assert_eq!(place.ok(["count", url, "new"]), "300\n");
}

#[test]
fn secrets_are_not_told() {
    let server = Server::start();
    let place = Place::s3(&server);
    let run = |arguments: &[&str], secret: &str| {
        let mut command = place.command(arguments);
        let output = command
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .output()
            .unwrap();
        crate::run::Ran::of(&output)
    };
    let secret = "sEcReT/of+nobody";
    let refused = run(&["tables", "s3://shop"], secret);
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.err.contains("credentials"), "{refused:?}");
    assert!(!format!("{refused:?}").contains(secret), "{refused:?}");
    let missing = place.fails(3, ["tables", "s3://nobody"]);
    assert!(missing.contains("nobody"), "{missing}");
}
