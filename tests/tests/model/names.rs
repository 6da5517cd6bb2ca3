//! Awkward texts, and how a text is stored in a path.

use object_store::path::PathPart;

/// A text as a segment.
pub(crate) fn segment(text: &str) -> String {
    match text {
        "" => "%_".to_owned(),
        text => PathPart::from(text).as_ref().to_owned(),
    }
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
