//! The stores' XML: pure functions from bytes to values, which no input makes panic.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Malformed;

/// An `<Error>` document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ErrorBody {
    /// What kind of error it is.
    pub code: Option<String>,
    /// What it says to a person.
    pub message: Option<String>,
    /// The region that should have been asked.
    pub region: Option<String>,
    /// The host that should have been asked.
    pub endpoint: Option<String>,
}

/// The error that `body` is, or `None` where it is anything else.
///
/// Only the document's own `<Code>` counts: a key or a message may hold the text of any code.
pub(crate) fn parse_error(body: &[u8]) -> Option<ErrorBody> {
    (root(body).as_deref() == Some("Error"))
        .then(|| document::<ErrorBody>(body).ok())
        .flatten()
}

/// Checks an answer that is empty, or some XML that nobody reads.
pub(crate) fn expect_done(body: &[u8]) -> Result<(), Malformed> {
    match root(body) {
        None if body.trim_ascii().is_empty() => Ok(()),
        Some(root) if !root.eq_ignore_ascii_case("html") && root != "Error" => Ok(()),
        Some(root) => Err(Malformed::new(format!("expected no body and got <{root}>"))),
        None => Err(Malformed::new(
            "expected no body and got one that is no XML",
        )),
    }
}

/// Checks that the document is an `<expected>`.
pub(crate) fn expect_root(body: &[u8], expected: &str) -> Result<(), Malformed> {
    match root(body) {
        Some(name) if name == expected => Ok(()),
        Some(name) => Err(Malformed::new(format!(
            "expected <{expected}> and got <{name}>; is it the right endpoint?"
        ))),
        None => Err(Malformed::new(format!(
            "expected <{expected}> and got no XML"
        ))),
    }
}

/// The document by its derived reader.
pub(crate) fn document<T: DeserializeOwned>(body: &[u8]) -> Result<T, Malformed> {
    quick_xml::de::from_str(text(body)?).map_err(Malformed::new)
}

/// The document's text, without the mark that Azure's begin with.
pub(crate) fn text(body: &[u8]) -> Result<&str, Malformed> {
    let text = std::str::from_utf8(body).map_err(Malformed::new)?;
    Ok(text.trim_start_matches('\u{feff}'))
}

/// The name of the document's root element.
fn root(body: &[u8]) -> Option<String> {
    let mut reader = Reader::from_reader(body);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) => {
                return Some(String::from_utf8_lossy(start.local_name().as_ref()).into_owned());
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_element_makes_an_error() {
        let error = parse_error(
            b"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>no SlowDown &amp; so on\
              </Message><Key>SlowDown</Key></Error>",
        )
        .unwrap();
        assert_eq!(error.code.as_deref(), Some("NoSuchKey"));
        assert_eq!(error.message.as_deref(), Some("no SlowDown & so on"));
        assert_eq!(parse_error(b"<Code>SlowDown</Code>"), None);
        assert_eq!(parse_error(b"SlowDown"), None);
        assert_eq!(parse_error(b""), None);
    }
}
