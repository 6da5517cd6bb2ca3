//! Tables as Markdown.

use std::time::Duration;

/// A table that is printed once it is whole.
pub(crate) struct Table {
    text: String,
}

impl Table {
    pub(crate) fn new(title: &str, columns: &[&str]) -> Self {
        let mut table = Self {
            text: format!("\n## {title}\n\n"),
        };
        table.row(columns);
        table.row(&vec!["---"; columns.len()]);
        table
    }

    pub(crate) fn row(&mut self, cells: &[&str]) {
        self.text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }

    pub(crate) fn print(&self) {
        print!("{}", self.text);
    }
}

/// The time of one of `calls` calls.
pub(crate) fn micros(time: Duration, calls: u64) -> String {
    let each = time.as_secs_f64() * 1e6 / calls as f64;
    if each < 10_000.0 {
        format!("{each:.1} µs")
    } else {
        format!("{:.1} ms", each / 1e3)
    }
}

pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
