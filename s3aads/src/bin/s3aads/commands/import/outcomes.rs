//! What became of each row of an import, kept in a file of JSON lines.

use std::collections::HashMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// What became of one row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Its number in the file, from 1.
    row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// `written`, `present`, `skipped` or `refused`.
    outcome: String,
    /// By which the row is known again.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Outcome {
    pub(super) fn done(row: u64, key: &str, body: &[u8], what: &str) -> Self {
        Self {
            row,
            key: Some(key.to_owned()),
            outcome: what.to_owned(),
            hash: Some(hash(key, body)),
            error: None,
        }
    }

    pub(super) fn refused(row: u64, key: &str, body: &[u8], why: String) -> Self {
        let refused = Self::done(row, key, body, "refused");
        Self {
            error: Some(why),
            ..refused
        }
    }

    pub(super) fn unreadable(row: u64, why: String) -> Self {
        Self {
            row,
            key: None,
            outcome: "refused".to_owned(),
            hash: None,
            error: Some(why),
        }
    }

    pub(super) fn what(&self) -> &str {
        &self.outcome
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}", self.row)?;
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None => write!(f, " was {}", self.outcome),
        }
    }
}

/// The first line of the file.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    url: String,
    table: String,
}

/// The outcomes of this run and of those before.
pub(super) struct Outcomes {
    file: Option<(PathBuf, File)>,
    /// The rows that are done, and what they were.
    done: HashMap<u64, String>,
}

impl Outcomes {
    pub(super) fn open(place: Option<PathBuf>, url: &str, table: &str) -> Result<Self, Failure> {
        let Some(place) = place else {
            let done = HashMap::new();
            return Ok(Self { file: None, done });
        };
        let fail = |error: std::io::Error| {
            Failure::arguments(format!("{}: {error}", place.display()))
                .help("`--outcomes FILE` names another place")
        };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&place).map_err(fail)?;
        let head = Head {
            url: url.to_owned(),
            table: table.to_owned(),
        };
        let mut read = Reading::default();
        let mut lines = BufReader::new(&file);
        let mut line = String::new();
        while lines.read_line(&mut line).map_err(fail)? > 0 && line.ends_with('\n') {
            if !read.line(&line, &head) {
                let message = format!("{} is not of an import into this table", place.display());
                let help = "remove it, or name another file by `--outcomes`";
                return Err(Failure::arguments(message).help(help));
            }
            line.clear();
        }
        drop(lines);
        // A line that was cut off is written over.
        file.set_len(read.whole).map_err(fail)?;
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        if read.whole == 0 {
            let head = serde_json::to_string(&head)
                .map_err(std::io::Error::from)
                .map_err(fail)?;
            writeln!(file, "{head}").map_err(fail)?;
        }
        Ok(Self {
            file: Some((place, file)),
            done: read.done,
        })
    }

    /// How many rows are done.
    pub(super) fn done(&self) -> u64 {
        self.done.len() as u64
    }

    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(|(place, _)| place.as_path())
    }

    /// Whether a run before has done this row.
    ///
    /// # Errors
    ///
    /// If it was another row then.
    pub(super) fn before(&self, row: u64, key: &str, body: &[u8]) -> Result<bool, Failure> {
        match self.done.get(&row) {
            None => Ok(false),
            Some(known) if *known == hash(key, body) => Ok(true),
            Some(_) => {
                let place = self.file().map(|place| place.display().to_string());
                let message =
                    format!("row {row} of the file was another one when it was imported before");
                Err(Failure::arguments(message).help(format!(
                    "remove {} to import the file as it is now",
                    place.unwrap_or_default()
                )))
            }
        }
    }

    pub(super) fn keep(&mut self, outcome: &Outcome) -> Result<(), Failure> {
        let Some((_, file)) = &mut self.file else {
            return Ok(());
        };
        let mut line = serde_json::to_vec(outcome).map_err(std::io::Error::from)?;
        line.push(b'\n');
        file.write_all(&line)?;
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<(), Failure> {
        if let Some((_, file)) = &mut self.file {
            file.sync_data()?;
        }
        Ok(())
    }
}

/// What a file of outcomes says.
#[derive(Debug, Default)]
struct Reading {
    done: HashMap<u64, String>,
    /// The bytes of whole lines.
    whole: u64,
}

impl Reading {
    /// Takes in a line; false if the file is another one's.
    fn line(&mut self, line: &str, head: &Head) -> bool {
        let is_head = self.whole == 0;
        self.whole += line.len() as u64;
        if is_head {
            return serde_json::from_str::<Head>(line).is_ok_and(|known| known == *head);
        }
        let Ok(outcome) = serde_json::from_str::<Outcome>(line) else {
            return false;
        };
        if let (Some(hash), true) = (outcome.hash, outcome.outcome != "refused") {
            self.done.insert(outcome.row, hash);
        }
        true
    }
}

/// FNV-1a of a row, by which it is known again.
fn hash(key: &str, body: &[u8]) -> String {
    let bytes = key.bytes().chain([0]).chain(body.iter().copied());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
