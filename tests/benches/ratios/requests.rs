//! Requests per operation, as an S3 server logged them, beside those that the Python library sends.

use s3aads::S3Table;
use s3aads_tests::server::Server;

use crate::report::Table;
use crate::rows::{self, DailyData};
use crate::sides::{Ours, http_server, one_thread, seed};

const IDS: u64 = 10;
const ROWS: u64 = 20_000;
/// The Python library's `count`, column listings, filters and `distinct` page through the whole table.
const PYTHON_SCAN: u64 = ROWS.div_ceil(1000);
/// A LIST, a HEAD and a GET.
const PYTHON_SELECT: u64 = 3;

/// The table of which the picture is drawn.
pub(crate) fn requests() {
    let server = http_server();
    seed(&server, rows::keys(IDS, ROWS / IDS));
    let ours = Ours::over_http(&server);
    let days = &ours.days;
    let mut table = Table::new(
        "Requests per operation on 20,000 rows with 10 ids",
        &["operation", "s3aads", "Python library"],
    );
    let mut add = |operation: &str, ours: u64, python: u64| {
        table.row(&[operation, &ours.to_string(), &python.to_string()]);
    };
    let sent = |call: &mut dyn FnMut()| sent(&server, &ours, call);
    let runtime = one_thread();
    let key = rows::key(3, 500);

    let select = sent(&mut || runtime.block_on(ours.select(key)));
    add("select", select, PYTHON_SELECT);
    let ids = sent(&mut || {
        let ids = runtime.block_on(days.ids()).expect("ids");
        assert_eq!(ids.len() as u64, IDS);
    });
    add("ids", ids, PYTHON_SCAN);
    let filter = sent(&mut || {
        let keys = runtime.block_on(days.filter_by_id(3).keys());
        assert_eq!(keys.expect("keys").len() as u64, ROWS / IDS);
    });
    add("filter by id", filter, PYTHON_SCAN);
    let filter = sent(&mut || {
        let keys = runtime.block_on(days.filter_by_year(1902).keys());
        assert!(!keys.expect("keys").is_empty());
    });
    add("filter by year", filter, PYTHON_SCAN);
    let distinct = sent(&mut || {
        let columns = (DailyData::COLUMNS.id, DailyData::COLUMNS.year);
        let pairs = runtime.block_on(days.query().distinct(columns));
        assert!(!pairs.expect("pairs").is_empty());
    });
    add("distinct id, year", distinct, PYTHON_SCAN);
    let count = sent(&mut || {
        let rows = runtime.block_on(days.query().concurrency(1).count());
        assert_eq!(rows.expect("a count"), ROWS);
    });
    add("count, 1 worker", count, PYTHON_SCAN);
    let count = sent(&mut || {
        let rows = runtime.block_on(days.query().count());
        assert_eq!(rows.expect("a count"), ROWS);
    });
    add("count, 32 workers", count, PYTHON_SCAN);
    table.print();
}

/// How many requests a call sends: what the server logged, which must be what the library says.
fn sent(server: &Server, ours: &Ours, call: &mut dyn FnMut()) -> u64 {
    server.clear_log();
    let before = ours.db.usage();
    call();
    let logged = server.requests() as u64;
    assert_eq!(ours.db.usage().since(&before).total(), logged);
    logged
}
