//! A large table is streamed in the memory of some pages.
//!
//! Each case runs in a process of its own, whose peak memory is then nobody else's. The S3 server
//! is in that process too, but holds nothing: it makes up each answer by formula when it is asked.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::process::Command;

use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{Response, StatusCode};
use object_store::client::{HttpRequest, HttpResponse};
use s3aads::{Database, S3Table, Server};
use s3aads_tests::connector::Scripted;

/// What a case may take on top of what it started with.
const LIMIT: u64 = 64 << 20;

const CHILD: &str = "S3AADS_MEMORY_CHILD";

const KEYS: u32 = 1_000_000;
/// As many as are larger than [`LIMIT`] if they are held.
const SOME_KEYS: u32 = 400_000;
/// As many as make the bodies larger than [`LIMIT`].
const ROWS: u32 = 80_000;
const BODY: usize = 1000;
/// A million rows in packs of a thousand.
const PACKS: u32 = 1000;
const PACK_ROWS: u32 = 1000;

#[derive(Debug, S3Table)]
#[s3(table = "rows")]
struct Row {
    #[s3(key, ordered)]
    group: u16,
    #[s3(key, ordered)]
    number: u32,
    #[s3(bytes)]
    body: Bytes,
}

#[derive(Debug, S3Table)]
#[s3(table = "packs")]
struct PackedRow {
    #[s3(key, ordered)]
    group: u16,
    #[s3(key, packed)]
    number: u32,
    name: String,
}

/// A bucket of `rows` rows, 1,000 to a group, or of as many packs, that no memory holds.
#[derive(Debug, Clone, Copy)]
struct MadeUp {
    rows: u32,
    packed: bool,
}

impl MadeUp {
    fn key(self, number: u32) -> String {
        if self.packed {
            format!("packs/{number:05}/rows.ndjson")
        } else {
            format!("rows/{:05}/{number:010}", number / 1000)
        }
    }

    /// What the object at a path holds.
    fn body(self, path: &str) -> Bytes {
        if !self.packed {
            return Bytes::from(vec![b'x'; BODY]);
        }
        let group = path.rsplit('/').nth(1);
        let group: u32 = group
            .and_then(|group| group.parse().ok())
            .expect("a pack's path");
        let rows = 0..PACK_ROWS;
        let lines = rows.fold(String::new(), |mut lines, row| {
            let number = group * PACK_ROWS + row;
            let _ = writeln!(
                lines,
                r#"{{"group":{group},"number":{number},"name":"the name of {number}"}}"#
            );
            lines
        });
        lines.into()
    }

    /// How many keys the predicate holds for, which must be those of an initial part.
    fn first(self, holds: impl Fn(&str) -> bool) -> u32 {
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(&self.key(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The answer to ListObjectsV2. The continuation token is the last key or common prefix.
    fn list(self, query: &str) -> String {
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let get = |name: &str| {
            let mut pairs = query.iter();
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| &**value)
        };
        let prefix = get("prefix").unwrap_or_default();
        let after = get("continuation-token")
            .or(get("start-after"))
            .unwrap_or_default();
        let size = get("max-keys").map_or(1000, |size| size.parse().expect("a number"));
        let below = |key: &str| {
            key < prefix || key <= after || after.ends_with('/') && key.starts_with(after)
        };
        let mut next = self.first(below);
        let (mut entries, mut listed, mut last) = (String::new(), 0, String::new());
        while listed < size && next < self.rows {
            let key = self.key(next);
            let Some(rest) = key.strip_prefix(prefix) else {
                next = self.rows;
                break;
            };
            match rest.find('/').filter(|_| get("delimiter").is_some()) {
                Some(end) => {
                    last = format!("{prefix}{}", &rest[..=end]);
                    entries.push_str(&format!(
                        "<CommonPrefixes><Prefix>{last}</Prefix></CommonPrefixes>"
                    ));
                    next = self.first(|key| key < &*last || key.starts_with(&last));
                }
                None => {
                    entries.push_str(&format!(
                        "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
                         <ETag>&quot;{next:032x}&quot;</ETag><Size>{BODY}</Size>\
                         <StorageClass>STANDARD</StorageClass></Contents>"
                    ));
                    last = key;
                    next += 1;
                }
            }
            listed += 1;
        }
        let more = next < self.rows && self.key(next).starts_with(prefix);
        let token = if more {
            format!("<NextContinuationToken>{last}</NextContinuationToken>")
        } else {
            String::new()
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>bucket</Name><Prefix>{prefix}</Prefix>\
             <KeyCount>{listed}</KeyCount><MaxKeys>{size}</MaxKeys><IsTruncated>{more}</IsTruncated>{token}{entries}\
             </ListBucketResult>"
        )
    }
}

impl MadeUp {
    fn answer(self, request: &HttpRequest) -> HttpResponse {
        let query = request.uri().query().unwrap_or_default();
        let answer = Response::builder();
        let answer = if query.contains("list-type=2") {
            answer.body(self.list(query).into())
        } else {
            let path = request.uri().path();
            let body = self.body(path);
            let answer = answer
                .header("etag", format!("\"{:032x}\"", body.len()))
                .header("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")
                .header("content-length", body.len())
                .status(StatusCode::OK);
            answer.body(body.into())
        };
        answer.expect("an answer")
    }
}

fn table(rows: u32) -> RowTable {
    database(MadeUp {
        rows,
        packed: false,
    })
    .table::<Row>()
}

fn packs() -> PackedRowTable {
    let made_up = MadeUp {
        rows: PACKS,
        packed: true,
    };
    database(made_up).table::<PackedRow>()
}

fn database(made_up: MadeUp) -> Database {
    let server = Server::s3()
        .endpoint("http://127.0.0.1:1")
        .region("us-east-1")
        .credentials("key", "secret")
        .http_connector(Scripted::answering(move |request| made_up.answer(&request)))
        .build();
    let db = server.expect("a server").database("bucket");
    db.expect("a database")
}

/// A line of `/proc/self/status`, in bytes.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the process's status");
    let value = status.lines().find_map(|found| found.strip_prefix(line));
    let value = value.and_then(|value| {
        value
            .trim_matches(&[':', ' ', '\t'][..])
            .strip_suffix(" kB")
    });
    let kilobytes: u64 = value.and_then(|value| value.parse().ok()).expect(line);
    kilobytes << 10
}

#[derive(Debug, Clone, Copy)]
enum Case {
    Keys,
    FilteredKeys,
    Count,
    Rows,
    PackedRows,
    /// Not streamed, so that its memory must show: it proves that the measure sees it.
    AllKeys,
}

const CASES: [Case; 6] = [
    Case::Keys,
    Case::FilteredKeys,
    Case::Count,
    Case::Rows,
    Case::PackedRows,
    Case::AllKeys,
];

impl Case {
    /// How many rows it sees, and how many it must.
    async fn run(self) -> (u64, u32) {
        match self {
            Self::Keys => {
                let mut stream = table(KEYS).stream_keys();
                let mut seen = 0;
                while let Some(key) = stream.try_next().await.expect("a key") {
                    // In order and complete, too.
                    assert_eq!(u64::from(key.number), seen);
                    seen += 1;
                }
                (seen, KEYS)
            }
            Self::FilteredKeys => {
                let query = table(KEYS).filter_by_group(100..500);
                let mut stream = query.stream_keys();
                let mut seen = 0;
                while stream.try_next().await.expect("a key").is_some() {
                    seen += 1;
                }
                (seen, SOME_KEYS)
            }
            Self::Count => (table(SOME_KEYS).count().await.expect("a count"), SOME_KEYS),
            Self::Rows => {
                let mut stream = table(ROWS).stream();
                let mut seen = 0;
                while let Some(row) = stream.try_next().await.expect("a row") {
                    assert_eq!(row.body.len(), BODY);
                    seen += 1;
                }
                (seen, ROWS)
            }
            Self::PackedRows => {
                let mut stream = packs().stream();
                let mut seen = 0;
                while let Some(row) = stream.try_next().await.expect("a row") {
                    assert_eq!(u64::from(row.number), seen);
                    seen += 1;
                }
                (seen, PACKS * PACK_ROWS)
            }
            Self::AllKeys => {
                let held = table(SOME_KEYS).objects().await.expect("the objects");
                (held.len() as u64, SOME_KEYS)
            }
        }
    }

    /// What it takes on top of what a process has that was started the same way.
    fn peak(self) -> u64 {
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args(["child", "--exact", "--ignored", "--nocapture"])
            .env(CHILD, format!("{self:?}"))
            .output()
            .expect("a child");
        let text = String::from_utf8_lossy(&output.stdout);
        let failed = String::from_utf8_lossy(&output.stderr);
        let peak = text
            .lines()
            .find_map(|line| line.split_once("took ")?.1.parse().ok());
        let peak = peak.unwrap_or_else(|| panic!("{text}{failed}"));
        println!(
            "{self:?}: {:.1} MiB above the start",
            peak as f64 / f64::from(1 << 20)
        );
        peak
    }
}

#[tokio::test]
#[ignore = "the child process of the tests below"]
async fn child() {
    let name = std::env::var(CHILD).expect("a case");
    let case = CASES.into_iter().find(|case| format!("{case:?}") == name);
    let case = case.expect("a case");
    // The client is made, so that what remains is the listing's.
    assert!(!table(10).is_empty().await.expect("an answer"));
    let start = memory("VmRSS");
    let (seen, all) = case.run().await;
    assert_eq!(seen, u64::from(all));
    println!("took {}", memory("VmHWM") - start);
}

#[test]
fn a_million_keys_are_streamed_in_64_mebibytes() {
    assert!(Case::Keys.peak() <= LIMIT);
}

#[test]
fn keys_of_a_range_are_streamed_in_64_mebibytes() {
    assert!(Case::FilteredKeys.peak() <= LIMIT);
}

#[test]
fn keys_are_counted_in_64_mebibytes() {
    assert!(Case::Count.peak() <= LIMIT);
}

#[test]
fn rows_of_80_megabytes_are_streamed_in_64_mebibytes() {
    assert!(Case::Rows.peak() <= LIMIT);
}

#[test]
fn a_million_rows_of_packs_are_streamed_in_64_mebibytes() {
    assert!(Case::PackedRows.peak() <= LIMIT);
}

#[test]
fn the_measure_sees_a_table_that_is_held() {
    assert!(Case::AllKeys.peak() > LIMIT);
}

#[tokio::test]
async fn an_error_tells_once_what_its_cause_says_in_other_words() {
    let db = Database::open("memory:///told-once").unwrap();
    db.create().await.unwrap();
    let notes = db.raw_table("notes", ["id"]).unwrap();
    notes.insert(["1"], "one").await.unwrap();
    let taken = notes.insert(["1"], "two").await.unwrap_err();
    assert_eq!(format!("{taken:#}"), taken.to_string());
}
