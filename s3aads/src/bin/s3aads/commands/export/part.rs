//! A file that is not whole yet, and how far it is: `FILE.part` and `FILE.part.state`.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// How far an export is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Bytes of the part that are whole.
    bytes: u64,
    pub(super) rows: u64,
    pub(super) refused: u64,
    /// Where the listing goes on.
    pub(super) cursor: Option<String>,
    pub(super) columns: Option<Vec<String>>,
    pub(super) is_last: bool,
}

/// A file in the making.
pub(super) struct Part {
    file: File,
    state: State,
    target: PathBuf,
}

impl Part {
    /// A new one, or the one that an earlier run left.
    pub(super) fn open(target: &Path, overwrite: bool) -> Result<Self, Failure> {
        let fail =
            |error: std::io::Error| Failure::arguments(format!("{}: {error}", target.display()));
        if !overwrite && target.exists() {
            let message = format!("{} is there already", target.display());
            return Err(Failure::arguments(message).help("`--overwrite` writes over it"));
        }
        let state: State = match fs::read(beside(target, ".part.state")) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(_) => State::default(),
        };
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false);
        let mut file = options.open(beside(target, ".part")).map_err(fail)?;
        let state = if file.metadata().map_err(fail)?.len() >= state.bytes {
            state
        } else {
            State::default()
        };
        // What a run that was killed had written beyond it is written again.
        file.set_len(state.bytes).map_err(fail)?;
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        Ok(Self {
            file,
            state,
            target: target.to_owned(),
        })
    }

    pub(super) fn state(&self) -> State {
        self.state.clone()
    }

    /// Adds a page, and remembers where the next one begins.
    pub(super) fn append(
        &mut self,
        bytes: &[u8],
        cursor: Option<String>,
        (rows, refused): (u64, u64),
        columns: &[String],
    ) -> Result<(), Failure> {
        self.file.write_all(bytes)?;
        self.file.sync_data()?;
        self.state = State {
            bytes: self.state.bytes + bytes.len() as u64,
            rows,
            refused,
            is_last: cursor.is_none(),
            cursor,
            columns: Some(columns.to_vec()),
        };
        let state = serde_json::to_vec(&self.state).map_err(std::io::Error::from)?;
        let (new, place) = (self.beside(".part.state.new"), self.beside(".part.state"));
        let mut file = File::create(&new)?;
        file.write_all(&state)?;
        file.sync_data()?;
        fs::rename(new, place)?;
        Ok(())
    }

    /// The file is whole.
    pub(super) fn end(self) -> Result<(), Failure> {
        self.file.sync_all()?;
        fs::rename(self.beside(".part"), &self.target)?;
        fs::remove_file(self.beside(".part.state"))?;
        Ok(())
    }

    fn beside(&self, ending: &str) -> PathBuf {
        beside(&self.target, ending)
    }
}

fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.to_owned().into_os_string();
    name.push(ending);
    name.into()
}
