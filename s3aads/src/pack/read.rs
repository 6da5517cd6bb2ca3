//! A pack as it was read.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::form::{key_path, stem};
use super::gzip;
use super::line::{LineError, Parsed, Rest, Start, check_body, parse, version_of};
use crate::error::{Error, ErrorKind};
use crate::key::TextError;
use crate::key::plain::compare;
use crate::schema::{ColumnSchema, Compression, Schema};
use crate::store::Version;

/// What a file may begin with to say that it is UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// So many faults of a kind are told one by one, and so many lines in one: a pack may be nothing but
/// faults, and a few compressed bytes may stand for many of them.
const MOST_FAULTS: usize = 100;
const MOST_LINES: usize = 10;

/// The rows of one object, in order.
pub(crate) struct Pack {
    schema: Arc<Schema>,
    path: String,
    start: Start,
    /// The lines as they are stored, but that the comma before a body's first field is the brace that
    /// opens the body: so no body is copied.
    stored: Bytes,
    /// Where the rows are in it, in the order of their keys.
    spans: Vec<Span>,
    /// The plain texts of the packed columns, row by row.
    texts: Vec<Text>,
    faults: Vec<Fault>,
    /// The first row whose line holds anything else, once it was looked for.
    flaw: OnceLock<Option<Fault>>,
    /// Bytes of the object, unpacked.
    size: usize,
}

/// Where a row is.
#[derive(Debug, Clone)]
struct Span {
    /// The line's number in the object, from 1.
    number: u32,
    start: u32,
    end: u32,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    /// From this place to the line's end.
    From(u32),
    /// There are no fields.
    Empty,
    /// The line is not as we write it.
    Apart(Box<Bytes>),
}

#[derive(Debug, Clone)]
enum Text {
    At(u32, u32),
    Apart(Box<str>),
}

/// What of a pack is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault(String);

impl Fault {
    fn at(line: u32, why: &LineError) -> Self {
        Self(format!("line {line} is not one of the pack's rows: {why}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pack {
    /// Reads an object's body. Whatever it holds, every line of it is a row or in a fault, blank
    /// ones aside.
    pub(crate) fn read(schema: &Arc<Schema>, path: &str, body: Bytes) -> Self {
        let mut pack = Self::empty(schema, path);
        let unpacked = match schema.compression() {
            None => Ok(body),
            Some(Compression::Gzip) => gzip::unpack(&body),
        };
        let body = match unpacked {
            Ok(body) => body,
            Err(error) => {
                pack.fault(format!("it can't be unpacked: {error}"));
                return pack;
            }
        };
        pack.size = body.len();
        if u32::try_from(body.len()).is_err() {
            pack.fault("it has more than 4 GiB".to_owned());
        } else if pack.start.bound.is_none() {
            pack.fault("its path is none of the table's".to_owned());
        } else {
            pack.read_lines(body);
        }
        pack
    }

    /// A pack without rows.
    pub(crate) fn empty(schema: &Arc<Schema>, path: &str) -> Self {
        Self {
            schema: Arc::clone(schema),
            path: path.to_owned(),
            start: Start::new(schema, stem(schema, path)),
            stored: Bytes::new(),
            spans: Vec::new(),
            texts: Vec::new(),
            faults: Vec::new(),
            flaw: OnceLock::new(),
            size: 0,
        }
    }

    fn fault(&mut self, why: String) {
        self.faults.push(Fault(why));
    }

    fn read_lines(&mut self, body: Bytes) {
        let mark = if body.starts_with(MARK) {
            MARK.len()
        } else {
            0
        };
        let whole = std::str::from_utf8(&body).is_ok();
        let lines = memchr::memchr_iter(b'\n', &body).chain([body.len()]);
        let (mut at, mut number, mut commas) = (mark, 0, Vec::new());
        let mut untold = 0_usize;
        for end in lines {
            number += 1;
            let (line, start) = trimmed(&body, at, end);
            at = end + 1;
            if line.is_empty() {
                continue;
            }
            let read = if whole {
                // It was looked at with the others.
                str_of(line)
            } else {
                std::str::from_utf8(line)
                    .map_err(|error| LineError::new(format!("it is not UTF-8: {error}")))
            };
            let read = read.and_then(|line| self.read_line(line, start));
            match read {
                Err(_) if self.faults.len() >= MOST_FAULTS => untold += 1,
                Err(why) => self.faults.push(Fault::at(number, &why)),
                Ok(body) => {
                    if let Body::From(comma) = body {
                        commas.push(comma);
                    }
                    self.spans.push(Span {
                        number,
                        start: short(start),
                        end: short(start + line.len()),
                        body,
                    });
                }
            }
        }
        if untold > 0 {
            self.fault(format!("{untold} more lines are none of the pack's rows"));
        }
        let mut stored = Vec::from(body);
        for comma in commas {
            if let Some(byte) = stored.get_mut(comma as usize) {
                *byte = b'{';
            }
        }
        self.stored = stored.into();
        self.put_in_order();
    }

    /// Adds the texts of the line that starts at this place, and tells where its body is.
    fn read_line(&mut self, line: &str, start: usize) -> Result<Body, LineError> {
        let before = self.texts.len();
        let texts = &mut self.texts;
        let split = self.start.split(&self.schema, line, |text| {
            // It is a part of the line.
            let at = start + (text.as_ptr().addr() - line.as_ptr().addr());
            texts.push(Text::At(short(at), short(at + text.len())));
        });
        match split {
            Some(Rest::Empty) => return Ok(Body::Empty),
            Some(Rest::From(comma)) => return Ok(Body::From(short(start + comma))),
            None => self.texts.truncate(before),
        }
        let Parsed { texts, body } = parse(&self.schema, &self.start, line)?;
        let texts = texts.into_iter().map(|text| Text::Apart(text.into()));
        self.texts.extend(texts);
        Ok(Body::Apart(Box::new(body)))
    }

    fn width(&self) -> usize {
        self.schema.packed()
    }

    fn row_texts(&self, row: usize) -> &[Text] {
        let width = self.width();
        let texts = self.texts.get(row * width..(row + 1) * width);
        texts.unwrap_or_default()
    }

    fn text<'a>(&'a self, text: &'a Text) -> &'a str {
        match text {
            Text::Apart(text) => text,
            Text::At(start, end) => {
                let bytes = self.stored.get(*start as usize..*end as usize);
                std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
            }
        }
    }

    /// Puts lines that others wrote out of order in order, and takes out those that have one key.
    fn put_in_order(&mut self) {
        let rows = self.spans.len();
        let order = |a: &usize, b: &usize| {
            let (a, b) = (self.row_texts(*a), self.row_texts(*b));
            let pairs = a.iter().zip(b).zip(self.schema.packed_columns());
            let orders = pairs
                .map(|((a, b), column)| compare(column.column_type(), self.text(a), self.text(b)));
            first_difference(orders)
        };
        if (1..rows).all(|row| order(&(row - 1), &row) == Ordering::Less) {
            return;
        }
        let mut sorted: Vec<usize> = (0..rows).collect();
        // Stable, so that lines of one key are told in their order.
        sorted.sort_by(order);
        let same: Vec<&[usize]> = sorted
            .chunk_by(|a, b| order(a, b) == Ordering::Equal)
            .collect();
        let (mut spans, mut texts, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        let mut untold = 0_usize;
        for rows in same {
            if let [row] = rows {
                spans.extend(self.spans.get(*row).cloned());
                texts.extend(self.row_texts(*row).iter().cloned());
                continue;
            }
            if faults.len() >= MOST_FAULTS {
                untold += 1;
                continue;
            }
            let numbers = rows.iter().filter_map(|row| self.spans.get(*row));
            let numbers = numbers.map(|span| span.number.to_string());
            let mut numbers = numbers.take(MOST_LINES).collect::<Vec<_>>().join(", ");
            if let Some(more) = rows.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
                numbers.push_str(&format!(" and {more} more"));
            }
            let key = rows
                .first()
                .map(|row| self.row_texts(*row))
                .unwrap_or_default();
            let key: Vec<&str> = key.iter().map(|text| self.text(text)).collect();
            faults.push(Fault(format!(
                "lines {numbers} have one key, {:?}; which of them is the row can't be told",
                key.join("/")
            )));
        }
        if untold > 0 {
            let more = format!("{untold} more keys are those of several lines");
            faults.push(Fault(more));
        }
        (self.spans, self.texts) = (spans, texts);
        self.faults.extend(faults);
    }

    /// The pack's path below the table.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Bytes of the object, unpacked.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// How many rows it has.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Its rows, in order.
    pub(crate) fn lines(&self) -> impl DoubleEndedIterator<Item = Line<'_>> + ExactSizeIterator {
        (0..self.len()).map(|row| Line { pack: self, row })
    }

    /// The row at this place in the order.
    pub(crate) fn line(&self, row: usize) -> Option<Line<'_>> {
        (row < self.len()).then_some(Line { pack: self, row })
    }

    /// What of it is no row.
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The first fault, or the first row whose line holds anything else: who writes the pack looks more
    /// closely than who reads it, since to write over such a line is to lose what else it holds.
    pub(crate) fn flaw(&self) -> Option<&Fault> {
        let looked = || self.flaw.get_or_init(|| self.look_closely()).as_ref();
        self.faults.first().or_else(looked)
    }

    fn look_closely(&self) -> Option<Fault> {
        let rows = self.spans.iter().zip(self.lines());
        rows.filter(|(span, _)| matches!(span.body, Body::From(_)))
            .find_map(|(span, line)| {
                let checked = check_body(&self.schema, &line.body());
                checked.err().map(|why| Fault::at(span.number, &why))
            })
    }

    /// The same pack, known to be without a flaw since this library made it of one.
    pub(crate) fn without_flaw(self) -> Self {
        Self {
            flaw: OnceLock::from(None),
            ..self
        }
    }

    /// The error of a fault.
    pub(crate) fn error(&self, fault: &Fault) -> Error {
        let message = format!("the pack can't be read: {fault}");
        Error::new(ErrorKind::InvalidRow, message)
            .in_table(self.schema.table())
            .at_key(&self.path)
    }

    /// The row of these plain texts.
    ///
    /// # Errors
    ///
    /// The first fault if there is one and the row is not among the others, since it may be in it.
    pub(crate) fn find<S: AsRef<str>>(&self, texts: &[S]) -> Result<Option<Line<'_>>, Error> {
        match self.search(texts) {
            Ok(row) => Ok(self.line(row)),
            Err(_) => match self.faults.first() {
                Some(fault) => Err(self.error(fault)),
                None => Ok(None),
            },
        }
    }

    /// The place of the first row after these plain texts.
    pub(crate) fn row_after<S: AsRef<str>>(&self, texts: &[S]) -> usize {
        match self.search(texts) {
            Ok(row) => row + 1,
            Err(row) => row,
        }
    }

    /// The place of the row of these plain texts, or where it would be.
    pub(super) fn search<S: AsRef<str>>(&self, texts: &[S]) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let line = Line {
                pack: self,
                row: middle,
            };
            match line.order(texts) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }
}

impl fmt::Debug for Pack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pack")
            .field("path", &self.path)
            .field("rows", &self.len())
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// One row of a pack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pack: &'a Pack,
    row: usize,
}

impl<'a> Line<'a> {
    /// The plain texts of the packed columns.
    pub(crate) fn texts(self) -> impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator {
        let texts = self.pack.row_texts(self.row).iter();
        texts.map(|text| self.pack.text(text))
    }

    /// The plain text of the packed column at this place among them.
    pub(crate) fn text(self, column: usize) -> &'a str {
        let text = self.pack.row_texts(self.row).get(column);
        text.map(|text| self.pack.text(text)).unwrap_or_default()
    }

    /// The row's body: a JSON object of the fields that are no key columns.
    pub(crate) fn body(self) -> Bytes {
        let Some(span) = self.span() else {
            return Bytes::new();
        };
        match &span.body {
            Body::From(start) => self.pack.stored.slice(*start as usize..span.end as usize),
            Body::Empty => Bytes::from_static(b"{}"),
            Body::Apart(body) => (**body).clone(),
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
        let schema = &self.pack.schema;
        key_path(schema, stem(schema, &self.pack.path), self.texts())
    }

    /// Its place among these texts.
    pub(super) fn order<S: AsRef<str>>(self, texts: &[S]) -> Ordering {
        compare_keys(
            self.pack.schema.packed_columns(),
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

/// The order of two keys by their packed columns.
pub(super) fn compare_keys<'a>(
    columns: &[ColumnSchema],
    a: impl Iterator<Item = &'a str>,
    b: impl Iterator<Item = &'a str>,
) -> Ordering {
    let pairs = columns.iter().zip(a.zip(b));
    first_difference(pairs.map(|(column, (a, b))| compare(column.column_type(), a, b)))
}

fn first_difference(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    let different = orders.find(|order| order.is_ne());
    different.unwrap_or(Ordering::Equal)
}

/// The line from `at` to `end` without blanks around it, and where it starts.
fn trimmed(body: &[u8], at: usize, end: usize) -> (&[u8], usize) {
    let line = body.get(at..end).unwrap_or_default();
    let start = line.trim_ascii_start();
    (start.trim_ascii_end(), at + line.len() - start.len())
}

fn str_of(line: &[u8]) -> Result<&str, LineError> {
    std::str::from_utf8(line).map_err(|error| LineError::new(error.to_string()))
}

/// A place in an object of at most 4 GiB.
fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
