//! A listing's XML: pure functions from bytes to values, which no input makes panic.

use chrono::DateTime;
use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use crate::store::http::{Malformed, xml};
use crate::store::{ListPage, ObjectEntry, PageToken, Version};

/// A page of List Blobs.
pub(super) fn parse(body: &[u8]) -> Result<ListPage, Malformed> {
    let mut page = ListPage::default();
    let mut blob = Partial::default();
    walk(body, "EnumerationResults", |path, text, encoded| {
        let name = || {
            if encoded {
                percent_decode_str(text).decode_utf8_lossy().into_owned()
            } else {
                text.to_owned()
            }
        };
        match path {
            ["NextMarker"] if !text.is_empty() => {
                page.next = Some(PageToken::Server(text.to_owned()));
            }
            ["Blobs", "BlobPrefix", "Name"] => page.prefixes.push(name()),
            ["Blobs", "Blob"] => page.objects.extend(std::mem::take(&mut blob).whole()?),
            ["Blobs", "Blob", "Name"] => blob.key = Some(name()),
            ["Blobs", "Blob", "Properties", field] => match *field {
                "Content-Length" => blob.size = Some(text.parse().map_err(Malformed::new)?),
                "Last-Modified" => blob.last_modified = Some(text.to_owned()),
                "Etag" => blob.e_tag = Some(text.to_owned()),
                "AccessTier" => blob.tier = Some(text.to_owned()),
                "ResourceType" => blob.folder = text == "directory",
                _ => {}
            },
            _ => {}
        }
        Ok(())
    })?;
    Ok(page)
}

/// An object of which not all is read yet.
#[derive(Debug, Default)]
struct Partial {
    key: Option<String>,
    size: Option<u64>,
    last_modified: Option<String>,
    e_tag: Option<String>,
    tier: Option<String>,
    folder: bool,
}

impl Partial {
    /// The object; none if it is a folder, which accounts with a hierarchy list too.
    fn whole(self) -> Result<Option<ObjectEntry>, Malformed> {
        if self.folder {
            return Ok(None);
        }
        let missing = |what| Malformed::new(format!("a blob of a listing has no <{what}>"));
        let modified = self.last_modified.ok_or_else(|| missing("Last-Modified"))?;
        let modified = DateTime::parse_from_rfc2822(&modified).map_err(Malformed::new)?;
        // Listings leave out the quotes that the header has.
        let quoted = |e_tag: String| format!("\"{}\"", e_tag.trim_matches('"'));
        Ok(Some(ObjectEntry {
            key: self.key.ok_or_else(|| missing("Name"))?,
            size: self.size.ok_or_else(|| missing("Content-Length"))?,
            last_modified: modified.to_utc(),
            version: Version::new(self.e_tag.map(quoted), None),
            storage_class: self.tier,
        }))
    }
}

/// Goes through a document, element by element as they end: `visit` is told the names from the
/// root's child down, the element's own text, and whether that is marked as encoded.
fn walk(
    document: &[u8],
    root: &str,
    mut visit: impl FnMut(&[&str], &str, bool) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    xml::expect_root(document, root)?;
    let mut reader = Reader::from_str(xml::text(document)?);
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<(String, String, bool)> = Vec::new();
    loop {
        match reader.read_event().map_err(Malformed::new)? {
            Event::Start(start) => {
                let name = start.local_name();
                let name = String::from_utf8_lossy(name.as_ref()).into_owned();
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
