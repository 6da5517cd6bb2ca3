//! A listing's XML: pure functions from bytes to values, which no input makes panic.

use std::fmt;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

/// A body that is not the document that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed(String);

impl Malformed {
    pub(super) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server's answer can't be read: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// Goes through a document, element by element as they end: `visit` is told the names from the
/// root's child down, the element's own text, and whether that is marked as encoded.
pub(super) fn walk(
    document: &[u8],
    root: &str,
    mut visit: impl FnMut(&[&str], &str, bool) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let document = std::str::from_utf8(document).map_err(Malformed::new)?;
    let mut reader = Reader::from_str(document.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<(String, String, bool)> = Vec::new();
    loop {
        match reader.read_event().map_err(Malformed::new)? {
            Event::Start(start) => {
                let name = start.local_name();
                let name = String::from_utf8_lossy(name.as_ref()).into_owned();
                if path.is_empty() && name != root {
                    return Err(Malformed::new(format!("it is <{name}> and not <{root}>")));
                }
                let encoded = start.try_get_attribute("Encoded");
                let encoded = encoded.map_err(Malformed::new)?;
                let encoded = encoded.is_some_and(|value| value.value.as_ref() == b"true");
                path.push((name, String::new(), encoded));
            }
            Event::Text(part) => {
                let part = part.decode().map_err(Malformed::new)?;
                push(&mut path, &part);
            }
            Event::CData(part) => {
                let part = part.decode().map_err(Malformed::new)?;
                push(&mut path, &part);
            }
            Event::GeneralRef(part) => {
                let name = part.decode().map_err(Malformed::new)?;
                let text = format!("&{name};");
                push(&mut path, &unescape(&text).map_err(Malformed::new)?);
            }
            Event::End(_) => {
                let names: Vec<&str> = path.iter().skip(1).map(|(name, ..)| &**name).collect();
                if let Some((_, text, encoded)) = path.last() {
                    visit(&names, text, *encoded)?;
                }
                path.pop();
                if path.is_empty() {
                    return Ok(());
                }
            }
            Event::Eof => return Err(Malformed::new("it ends in the middle")),
            _ => {}
        }
    }
}

fn push(path: &mut [(String, String, bool)], part: &str) {
    if let Some((_, text, _)) = path.last_mut() {
        text.push_str(part);
    }
}
