//! The history of all rows, as a file that tasks and processes append to.
//!
//! A task writes a line before it makes a call and another after the call has returned. A line is
//! appended in one write, so that the file's lines are in one order for all, which is the clock:
//! where one call's last line is before another's first, it had returned before the other was
//! made. No clock of the machine is read.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::checker::{Call, State, Step};

/// Where tasks log their calls.
#[derive(Debug, Clone)]
pub(crate) struct Log(Arc<File>);

impl Log {
    pub(crate) fn open(path: &Path) -> Self {
        let file = File::options().create(true).append(true).open(path);
        Self(Arc::new(file.expect("a log")))
    }

    fn line(&self, line: &str) {
        let written = (&*self.0)
            .write(line.as_bytes())
            .expect("the log is written");
        assert_eq!(written, line.len(), "a line is written at once");
    }

    /// A task is about to make a call on a row.
    pub(crate) fn begin(&self, task: u32, row: &str) {
        self.line(&format!("{task} begin {row}\n"));
    }

    /// The task's call has returned; no step where it says that it did nothing.
    pub(crate) fn end(&self, task: u32, step: Option<Step>) {
        let step = match step {
            Some(Step::Read(found)) => format!("read {}", show(found)),
            Some(Step::Write(left)) => format!("write {}", show(left)),
            Some(Step::Swap(found, left)) => format!("swap {} {}", show(found), show(left)),
            Some(Step::Taken) => "taken".to_owned(),
            None => "nothing".to_owned(),
        };
        self.line(&format!("{task} {step}\n"));
    }
}

fn show(state: State) -> String {
    state.map_or_else(|| "-".to_owned(), |token| token.to_string())
}

fn parse(state: &str) -> State {
    (state != "-").then(|| state.parse().expect("a token"))
}

/// The calls on each row.
pub(crate) fn read(path: &Path) -> BTreeMap<String, Vec<Call>> {
    let text = std::fs::read_to_string(path).expect("the log");
    let mut rows: BTreeMap<String, Vec<Call>> = BTreeMap::new();
    let mut under_way: BTreeMap<u32, (usize, &str)> = BTreeMap::new();
    for (now, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        let process: u32 = words[0].parse().expect("a task");
        let step = match words[1..] {
            ["begin", row] => {
                let other = under_way.insert(process, (now, row));
                assert_eq!(other, None, "a task makes one call at a time");
                continue;
            }
            ["read", found] => Some(Step::Read(parse(found))),
            ["write", left] => Some(Step::Write(parse(left))),
            ["swap", found, left] => Some(Step::Swap(parse(found), parse(left))),
            ["taken"] => Some(Step::Taken),
            ["nothing"] => None,
            _ => panic!("a torn log: {line}"),
        };
        let (begin, row) = under_way.remove(&process).expect("the call's first line");
        if let Some(step) = step {
            let call = Call {
                process,
                begin,
                end: now,
                step,
            };
            rows.entry(row.to_owned()).or_default().push(call);
        }
    }
    assert_eq!(under_way, BTreeMap::new(), "every call has returned");
    rows
}
