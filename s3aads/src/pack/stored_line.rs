//! One row of a pack that was read.

use std::cmp::Ordering;

use bytes::Bytes;

use super::form::{key_path, stem};
use super::line::version_of;
use super::read::{Body, Pack, Span, compare_keys};
use crate::key::TextError;
use crate::store::Version;

/// One row of a pack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(super) pack: &'a Pack,
    pub(super) row: usize,
}

impl<'a> Line<'a> {
    /// The plain texts of the packed columns.
    pub(crate) fn texts(self) -> impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator {
        let places = self.pack.places(self.row).iter();
        places.map(|place| self.pack.text(*place))
    }

    /// The plain text of the packed column at this place among them.
    pub(crate) fn text(self, column: usize) -> &'a str {
        let place = self.pack.places(self.row).get(column);
        place.map_or("", |place| self.pack.text(*place))
    }

    /// The row's body: a JSON object of the fields that are no key columns.
    pub(crate) fn body(self) -> Bytes {
        let Some(span) = self.span() else {
            return Bytes::new();
        };
        match span.body {
            Body::From(start) => self.pack.stored.slice(start as usize..span.end as usize),
            Body::Empty => Bytes::from_static(b"{}"),
            Body::Apart(place) => {
                let body = self.pack.apart.get(place as usize);
                body.cloned().unwrap_or_default()
            }
        }
    }

    /// Which writing of the row it is, whatever became of its neighbours.
    pub(crate) fn version(self) -> Version {
        version_of(&self.body())
    }

    /// The row's key path below the table.
    ///
    /// # Errors
    ///
    /// For a text that the layout can't hold.
    pub(crate) fn key_path(self) -> Result<String, TextError> {
        let schema = self.pack.schema();
        key_path(schema, stem(schema, self.pack.path()), self.texts())
    }

    /// Its place among these texts.
    pub(super) fn order<S: AsRef<str>>(self, texts: &[S]) -> Ordering {
        compare_keys(
            self.pack.schema().packed_columns(),
            self.texts(),
            texts.iter().map(AsRef::as_ref),
        )
    }

    fn span(self) -> Option<&'a Span> {
        self.pack.spans.get(self.row)
    }

    /// Bytes of the line, without the line break.
    pub(super) fn size(self) -> usize {
        let span = self.span();
        span.map_or(0, |span| (span.end - span.start) as usize)
    }

    /// Appends the line as it is stored.
    pub(super) fn append(self, lines: &mut Vec<u8>) {
        let Some(span) = self.span() else {
            return;
        };
        let at = lines.len();
        let line = self.pack.stored.get(span.start as usize..span.end as usize);
        lines.extend_from_slice(line.unwrap_or_default());
        if let Body::From(comma) = span.body
            && let Some(byte) = lines.get_mut(at + (comma - span.start) as usize)
        {
            *byte = b',';
        }
    }
}
