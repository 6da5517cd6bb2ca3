//! What each operation costs, counted by the server that gets the requests: one test for each line of the table of costs in
//! the guide. `Database::usage` must tell the same.

mod large;
mod queries;
mod rows;
mod tables;

use s3aads::{S3Table, starts_with};
use s3aads_tests::counted::{Counted, count};
use s3aads_tests::server::Operation;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "readings")]
struct Reading {
    #[s3(key)]
    site: u32,
    #[s3(key, ordered)]
    hour: u32,
    #[s3(key)]
    sensor: String,
    value: i64,
}

fn reading(site: u32, hour: u32, sensor: &str) -> Reading {
    Reading {
        site,
        hour,
        sensor: sensor.to_owned(),
        value: 1,
    }
}

/// `sites` sites of `hours` hours of `sensors` sensors, written past HTTP.
fn seed(store: &Counted, sites: u32, hours: u32, sensors: u32) {
    let rows = (0..sites).flat_map(move |site| {
        (0..hours).flat_map(move |hour| {
            (0..sensors).map(move |sensor| {
                let key = reading(site, hour, &format!("s{sensor:03}")).to_key();
                (format!("readings/{key}"), &br#"{"value":1}"#[..])
            })
        })
    });
    store.wire().seed(store.db().name(), rows);
}
