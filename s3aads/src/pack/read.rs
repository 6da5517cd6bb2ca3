//! A pack as it was read.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::form::stem;
use super::gzip;
use super::line::{LineError, Parsed, Rest, Start, check_body, parse};
use super::stored_line::Line;
use crate::error::{Error, ErrorKind};
use crate::key::plain::compare;
use crate::schema::{ColumnSchema, Compression, Schema};

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
    pub(super) stored: Bytes,
    /// Where the rows are in it, in the order of their keys.
    pub(super) spans: Vec<Span>,
    /// The bodies of lines that are not as we write them.
    pub(super) apart: Vec<Bytes>,
    /// The plain texts of the packed columns, one behind the other, and where they are: row by row.
    texts: String,
    places: Vec<Place>,
    faults: Vec<Fault>,
    /// The first row whose line holds anything else, once it was looked for.
    flaw: OnceLock<Option<Fault>>,
    /// Bytes of the object, unpacked.
    size: usize,
}

/// Where a row is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// The line's number in the object, from 1.
    number: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) body: Body,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    /// From this place to the line's end.
    From(u32),
    /// There are no fields.
    Empty,
    /// The line is not as we write it: the body's place among those apart.
    Apart(u32),
}

/// Where a text begins and ends among the others.
type Place = (u32, u32);

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
    /// Reads an object's body, of which at most so many bytes are unpacked. Whatever it holds, every
    /// line of it is a row or in a fault, blank ones aside.
    pub(crate) fn read(schema: &Arc<Schema>, path: &str, body: Bytes, most: u64) -> Self {
        let mut pack = Self::empty(schema, path);
        let unpacked = match schema.compression() {
            None => Ok(body),
            Some(Compression::Gzip) => gzip::unpack(&body, most),
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
            apart: Vec::new(),
            texts: String::new(),
            places: Vec::new(),
            faults: Vec::new(),
            flaw: OnceLock::new(),
            size: 0,
        }
    }

    fn fault(&mut self, why: String) {
        self.faults.push(Fault(why));
    }

    fn read_lines(&mut self, body: Bytes) {
        let mut at = if body.starts_with(MARK) {
            MARK.len()
        } else {
            0
        };
        let whole = std::str::from_utf8(&body).ok();
        let ends = memchr::memchr_iter(b'\n', &body).chain([body.len()]);
        let (mut number, mut commas) = (0, Vec::new());
        let mut untold = 0_usize;
        for end in ends {
            number += 1;
            let (start, end) = (std::mem::replace(&mut at, end + 1), end);
            let (start, end) = trimmed(&body, start, end);
            if start == end {
                continue;
            }
            let line = match whole {
                Some(text) => Ok(text.get(start..end).unwrap_or_default()),
                None => line_of(&body, start, end),
            };
            match line.and_then(|line| self.read_line(line, start)) {
                Err(_) if self.faults.len() >= MOST_FAULTS => untold += 1,
                Err(why) => self.faults.push(Fault::at(number, &why)),
                Ok(body) => {
                    if let Body::From(comma) = body {
                        commas.push(comma);
                    }
                    self.spans.push(Span {
                        number,
                        start: short(start),
                        end: short(end),
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
        let before = (self.texts.len(), self.places.len());
        let (texts, places) = (&mut self.texts, &mut self.places);
        let mut found = |text: &str| {
            let start = texts.len();
            texts.push_str(text);
            places.push((short(start), short(texts.len())));
        };
        match self.start.split(&self.schema, line, &mut found) {
            Some(Rest::Empty) => return Ok(Body::Empty),
            Some(Rest::From(comma)) => {
                let one = self.start.is_one(line, comma);
                return match one {
                    Ok(()) => Ok(Body::From(short(start + comma))),
                    Err(why) => {
                        self.texts.truncate(before.0);
                        self.places.truncate(before.1);
                        Err(why)
                    }
                };
            }
            None => {
                self.texts.truncate(before.0);
                self.places.truncate(before.1);
            }
        }
        let Parsed { texts, body } = parse(&self.schema, &self.start, line)?;
        for text in texts {
            let start = self.texts.len();
            self.texts.push_str(&text);
            self.places.push((short(start), short(self.texts.len())));
        }
        self.apart.push(body);
        Ok(Body::Apart(short(self.apart.len() - 1)))
    }

    /// Where the texts of a row's packed columns are.
    pub(super) fn places(&self, row: usize) -> &[Place] {
        let width = self.schema.packed();
        let places = self.places.get(row * width..(row + 1) * width);
        places.unwrap_or_default()
    }

    pub(super) fn text(&self, (start, end): Place) -> &str {
        let text = self.texts.get(start as usize..end as usize);
        text.unwrap_or_default()
    }

    /// Puts lines that others wrote out of order in order, and takes out those that have one key.
    fn put_in_order(&mut self) {
        let rows = self.spans.len();
        let order = |a: &usize, b: &usize| {
            let texts = |row: &usize| self.places(*row).iter().map(|place| self.text(*place));
            compare_keys(self.schema.packed_columns(), texts(a), texts(b))
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
        let (mut spans, mut places, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        let mut untold = 0_usize;
        for rows in same {
            if let [row] = rows {
                spans.extend(self.spans.get(*row));
                places.extend(self.places(*row));
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
            let key = rows.first().map(|row| self.places(*row));
            let key = key.unwrap_or_default().iter();
            let key: Vec<&str> = key.map(|place| self.text(*place)).collect();
            faults.push(Fault(format!(
                "lines {numbers} have one key, {:?}; which of them is the row can't be told",
                key.join("/")
            )));
        }
        if untold > 0 {
            let more = format!("{untold} more keys are those of several lines");
            faults.push(Fault(more));
        }
        (self.spans, self.places) = (spans, places);
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

/// The order of two keys by their packed columns.
pub(super) fn compare_keys<'a>(
    columns: &[ColumnSchema],
    a: impl Iterator<Item = &'a str>,
    b: impl Iterator<Item = &'a str>,
) -> Ordering {
    let pairs = columns.iter().zip(a.zip(b));
    let mut orders = pairs.map(|(column, (a, b))| compare(column.column_type(), a, b));
    let different = orders.find(|order| order.is_ne());
    different.unwrap_or(Ordering::Equal)
}

/// Where the line from `at` to `end` starts and ends without the blanks around it.
fn trimmed(body: &[u8], at: usize, end: usize) -> (usize, usize) {
    let line = body.get(at..end).unwrap_or_default();
    let inner = line.trim_ascii_start();
    let start = at + line.len() - inner.len();
    (start, start + inner.trim_ascii_end().len())
}

/// A line of a body that is not UTF-8 as a whole.
fn line_of(body: &[u8], start: usize, end: usize) -> Result<&str, LineError> {
    let line = std::str::from_utf8(body.get(start..end).unwrap_or_default());
    line.map_err(|error| LineError::new(format!("it is not UTF-8: {error}")))
}

/// A place in an object of at most 4 GiB.
fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
