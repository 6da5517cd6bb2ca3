//! The table under test, and what the documentation says of its keys, said again without the
//! library's code.

use object_store::path::PathPart;
use s3aads::S3Table;

/// A row with a column of each way to store one: text, padded, ordered, descending and plain
/// numbers.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "model rows")]
pub(crate) struct Row {
    #[s3(key)]
    pub(crate) name: String,
    #[s3(key, width = 3)]
    pub(crate) number: u16,
    #[s3(key, ordered)]
    pub(crate) rank: i16,
    #[s3(key, ordered, descending)]
    pub(crate) age: i8,
    #[s3(key, plural = "plain_values")]
    pub(crate) plain: u32,
    pub(crate) value: u64,
}

impl Row {
    pub(crate) fn new(key: &RowKey, value: u64) -> Self {
        let RowKey {
            name,
            number,
            rank,
            age,
            plain,
        } = key.clone();
        Self {
            name,
            number,
            rank,
            age,
            plain,
            value,
        }
    }

    /// The stored body.
    pub(crate) fn body(&self) -> String {
        format!("{{\"value\":{}}}", self.value)
    }
}

/// A text as a segment.
pub(crate) fn segment(text: &str) -> String {
    match text {
        "" => "%_".to_owned(),
        text => PathPart::from(text).as_ref().to_owned(),
    }
}

/// The columns' stored texts; none where a column can't store its value.
pub(crate) fn texts(key: &RowKey) -> Option<[String; 5]> {
    let rank = match key.rank {
        rank @ 0.. => format!("{rank:05}"),
        rank => format!("-{:05}", 100_000 + i32::from(rank)),
    };
    let number = (key.number <= 999).then(|| format!("{:03}", key.number))?;
    let age = match -1 - i32::from(key.age) {
        age @ 0.. => format!("{age:03}"),
        age => format!("-{:03}", 1000 + age),
    };
    Some([key.name.clone(), number, rank, age, key.plain.to_string()])
}

/// The path below the table; none where the key can't be stored.
pub(crate) fn path(key: &RowKey) -> Option<String> {
    let segments = texts(key)?.map(|text| segment(&text)).join("/");
    (segment("model rows").len() + 1 + segments.len() <= 1024).then_some(segments)
}

/// Texts that mean something to a path, a URL, an XML document or a file system, or that sort
/// around what does.
pub(crate) const NAMES: [&str; 32] = [
    "a",
    "b",
    "A",
    "ab",
    "a/b",
    "a b",
    "a!",
    "a-",
    "a.",
    "a0",
    "a%",
    "",
    " ",
    ".",
    "..",
    "...",
    "/",
    "%",
    "%_",
    "%2F",
    "-",
    "!",
    "~",
    "_s3aads",
    "row.json",
    "a=b",
    "<&>\"'",
    "+",
    "\0",
    "\r\n",
    "é\u{301}\u{202e}",
    "日本🙂",
];
