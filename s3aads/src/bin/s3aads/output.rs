//! What is printed: data on standard output, everything else on standard error.

use std::env;
use std::io::{self, IsTerminal, Write};

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};
use serde_json::json;
use serde_json::value::RawValue;

use crate::failure::Failure;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where results, notes and errors go.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    colored: bool,
    colored_errors: bool,
}

/// A value in a table's cell, as JSON and as people read it.
pub(crate) type Field = (String, Box<RawValue>);

impl Output {
    pub(crate) fn new(json: bool, color: Color, quiet: bool) -> Self {
        let plain = env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty())
            || env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colored = |terminal: bool| match color {
            Color::Auto => terminal && !plain,
            Color::Always => true,
            Color::Never => false,
        };
        Self {
            json,
            quiet,
            colored: colored(io::stdout().is_terminal()),
            colored_errors: colored(io::stderr().is_terminal()),
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether progress is shown.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    pub(crate) fn line(&self, line: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())?;
        out.write_all(b"\n")
    }

    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// One JSON object, on a line of its own.
    pub(crate) fn record(&self, fields: &[Field]) -> io::Result<()> {
        self.line(&json_line(fields))
    }

    /// Records as a table, or as lines of JSON.
    pub(crate) fn records(&self, columns: &[String], rows: &[Vec<Field>]) -> io::Result<()> {
        if self.json {
            return rows.iter().try_for_each(|row| self.record(row));
        }
        let cells = rows.iter().map(|row| {
            let value = |column: &String| row.iter().find(|(name, _)| name == column);
            let cell = |column| value(column).map_or(String::new(), |(_, value)| text_of(value));
            columns.iter().map(cell).collect()
        });
        let is_number = |column: &String| {
            let mut values = rows.iter().flatten().filter(|(name, _)| name == column);
            values.all(|(_, value)| {
                value
                    .get()
                    .starts_with(|c: char| c == '-' || c.is_ascii_digit())
            })
        };
        let right: Vec<bool> = columns.iter().map(is_number).collect();
        self.table(columns, cells, &right)
    }

    fn table(
        &self,
        columns: &[String],
        rows: impl Iterator<Item = Vec<String>>,
        right: &[bool],
    ) -> io::Result<()> {
        let mut table = Table::new();
        table
            .load_preset(presets::UTF8_BORDERS_ONLY)
            .set_header(columns.iter().map(|name| {
                let cell = Cell::new(shown(name));
                if self.colored {
                    cell.add_attribute(Attribute::Bold)
                } else {
                    cell
                }
            }));
        // A table fits the terminal that it is printed on, and is as wide as it is elsewhere.
        table.set_content_arrangement(if self.is_terminal() {
            ContentArrangement::Dynamic
        } else {
            ContentArrangement::Disabled
        });
        if self.colored {
            table.enforce_styling();
        }
        for row in rows {
            table.add_row(row.iter().map(|cell| shown(cell)));
        }
        for (column, right) in table.column_iter_mut().zip(right) {
            if *right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let text = table.to_string();
        self.line(&text)
    }

    /// Something to know that is no result.
    pub(crate) fn note(&self, note: &str) {
        if !self.quiet {
            self.say("note", "\u{1b}[36m", note);
        }
    }

    pub(crate) fn warn(&self, warning: &str) {
        if !self.quiet {
            self.say("warning", "\u{1b}[33m", warning);
        }
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.message.is_empty() {
            return;
        }
        if self.json {
            let Failure {
                kind,
                message,
                help,
                ..
            } = failure;
            let line = json!({ "error": { "kind": kind, "message": message, "help": help } });
            let _ = writeln!(io::stderr(), "{line}");
            return;
        }
        self.say("error", "\u{1b}[31m", &failure.message);
        if let Some(help) = &failure.help {
            self.say(" help", "\u{1b}[36m", help);
        }
    }

    /// Nobody can be told that standard error is closed.
    fn say(&self, what: &str, color: &str, message: &str) {
        let message = shown_lines(message);
        let _ = if self.colored_errors {
            writeln!(io::stderr(), "{color}{what}:\u{1b}[0m {message}")
        } else {
            writeln!(io::stderr(), "{what}: {message}")
        };
    }
}

/// A field of a record.
pub(crate) fn field(name: &str, value: &impl serde::Serialize) -> Field {
    let value = serde_json::value::to_raw_value(value);
    (
        name.to_owned(),
        value.unwrap_or_else(|_| RawValue::NULL.to_owned()),
    )
}

/// `1 row`, `2 rows`.
pub(crate) fn rows_text(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

/// The fields as one JSON object without line breaks.
pub(crate) fn json_line(fields: &[Field]) -> String {
    let mut line = String::from("{");
    for (i, (name, value)) in fields.iter().enumerate() {
        if i > 0 {
            line.push(',');
        }
        let name = serde_json::to_string(name).unwrap_or_default();
        line.push_str(&name);
        line.push(':');
        line.extend(value.get().chars().map(|c| match c {
            // Outside of strings, where alone they can be, line breaks are white space.
            '\n' | '\r' => ' ',
            c => c,
        }));
    }
    line.push('}');
    line
}

/// JSON as a table shows it: a string without its quotes.
pub(crate) fn text_of(value: &RawValue) -> String {
    match value.get() {
        "null" => String::new(),
        text if text.starts_with('"') => serde_json::from_str(text).unwrap_or_default(),
        text => text.to_owned(),
    }
}

/// Whether a terminal could take it for something else than text.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// A stored text as it is shown: what could steer a terminal is escaped.
pub(crate) fn shown(text: &str) -> String {
    escape(text, is_hidden)
}

/// [`shown`], with line breaks and tabs as they are.
pub(crate) fn shown_lines(text: &str) -> String {
    escape(text, |c| is_hidden(c) && c != '\n' && c != '\t')
}

fn escape(text: &str, hides: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if hides(c) {
            shown.extend(c.escape_default())
        } else {
            shown.push(c)
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        assert_eq!(shown("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb\\nc");
        assert_eq!(shown("São Paulo \u{202e}x"), "São Paulo \\u{202e}x");
        assert_eq!(shown_lines("a\n\tb\u{7}"), "a\n\tb\\u{7}");
    }

    #[test]
    fn a_record_is_one_line() {
        let raw = RawValue::from_string("{\n \"a\": \"\\n\" }".to_owned()).unwrap();
        let line = json_line(&[("x\"y".to_owned(), raw), field("n", &1)]);
        assert_eq!(line, r#"{"x\"y":{  "a": "\n" },"n":1}"#);
    }
}
