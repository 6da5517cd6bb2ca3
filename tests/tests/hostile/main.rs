//! Input that nobody means well with: values, names, cursors, headers and URLs from outside, and servers that answer
//! with garbage. Nothing panics, nothing leaves the table's folder, what can be refused is refused before a request is
//! sent, and what is accepted comes back as it was.

mod answers;
mod connector;
mod endless;
mod kept;
mod listings;
mod names;
mod opening;
mod options;
mod positions;
mod stores;
mod strangers;
mod values;

#[allow(unreachable_pub, reason = "public in the fuzz crate")]
#[path = "../../../fuzz/src/keys.rs"]
mod keys;
#[allow(unreachable_pub, reason = "public in the fuzz crate")]
#[path = "../../../fuzz/src/rows.rs"]
mod rows;
#[allow(dead_code, reason = "only the key and row types are of use here")]
#[path = "../layout/tables.rs"]
mod tables;

use s3aads::S3Table;

/// Texts as key and as body.
#[derive(Debug, Clone, PartialEq, Eq, S3Table)]
#[s3(table = "pairs")]
pub(crate) struct Pair {
    #[s3(key)]
    pub(crate) a: String,
    #[s3(key)]
    pub(crate) b: String,
    #[s3(text)]
    pub(crate) body: String,
}

impl Pair {
    pub(crate) fn new(a: &str, b: &str) -> Self {
        Self {
            a: a.to_owned(),
            b: b.to_owned(),
            body: format!("{a}\0{b}"),
        }
    }
}

/// Texts that mean something to a path, a URL, a header, XML, a terminal or a file system.
pub(crate) const HOSTILE: &[&str] = &[
    "",
    " ",
    " padded ",
    ".",
    "..",
    "...",
    "../../x",
    "..\\..\\x",
    "/etc/passwd",
    "/",
    "//",
    "a//b",
    "a/",
    "a/../b",
    "%",
    "%%",
    "%_",
    "%2F",
    "%2f",
    "%2E%2E",
    "%00",
    "%zz",
    "\0",
    "a\0b",
    "\u{1}\u{1f}\u{7f}",
    "line\nbreak",
    "line\r\nx-injected: 1",
    "\t",
    "\u{85}\u{2028}\u{2029}",
    "\u{202e}txt.exe",
    "\u{200b}\u{feff}",
    "e\u{301}",
    "\u{e9}",
    "Z\u{351}\u{36b}\u{343}",
    "\u{fffe}\u{ffff}\u{10ffff}",
    "\u{1f468}\u{200d}\u{1f469}",
    "CON",
    "nul.txt",
    "COM1:",
    "trailing.",
    "a<b>&\"'",
    "]]>",
    "<Error><Code>SlowDown</Code></Error>",
    "SlowDown",
    "a+b",
    "a b",
    "a?list-type=2",
    "a#b",
    "a;b=c",
    "a=b",
    "~",
    "*",
    "$(id)",
    "`id`",
    "{0}{}",
    "_s3aads",
    "tmp",
    "row.json",
    "-1",
    "A",
    "a",
];
