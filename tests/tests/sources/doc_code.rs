//! Code in the documentation fits on the page that a browser shows.

use std::fs;
use std::path::PathBuf;

use crate::{files, runtime};

/// So many columns fit.
const COLUMNS: usize = 90;

/// The lines of code that a reader of this documentation sees, with their numbers.
fn shown<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<(usize, &'a str)> {
    let mut in_code = false;
    let mut shown = Vec::new();
    for (number, line) in lines {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if in_code && line != "#" && !line.trim_start().starts_with("# ") {
            shown.push((number, line));
        }
    }
    shown
}

/// The lines of a file's doc comments, or all of a Markdown file's.
fn documentation(path: &std::path::Path, text: &str) -> Vec<(usize, String)> {
    let markdown = path.extension().is_some_and(|end| end == "md");
    let lines = (1..).zip(text.lines());
    let lines = lines.filter_map(|(number, line)| {
        if markdown {
            return Some((number, line.to_owned()));
        }
        let line = line.trim_start();
        let line = line.strip_prefix("///").or(line.strip_prefix("//!"))?;
        Some((number, line.strip_prefix(' ').unwrap_or(line).to_owned()))
    });
    lines.collect()
}

fn too_long(path: &std::path::Path, text: &str) -> Vec<usize> {
    let lines = documentation(path, text);
    let shown = shown(lines.iter().map(|(number, line)| (*number, line.as_str())));
    let long = shown
        .into_iter()
        .filter(|(_, line)| line.chars().count() > COLUMNS);
    long.map(|(number, _)| number).collect()
}

#[test]
fn code_in_the_documentation_fits_on_the_page() {
    let mut paths: Vec<PathBuf> = files(&runtime());
    let guide = fs::read_dir(runtime().join("guide")).unwrap();
    paths.extend(guide.map(|chapter| chapter.unwrap().path()));
    paths.retain(|path| {
        path.extension()
            .is_some_and(|end| end == "rs" || end == "md")
    });
    paths.push(runtime().join("../../README.md"));
    let mut long = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        let lines = too_long(path, &text).into_iter();
        long.extend(lines.map(|line| format!("{}:{line}", path.display())));
    }
    assert!(long.is_empty(), "over {COLUMNS} columns: {long:#?}");
}

#[test]
fn a_line_that_is_too_long_is_found() {
    let long = "x".repeat(COLUMNS + 1);
    let text = format!("{long}\n```\n{long}\n# {long}\n```\n{long}\n");
    assert_eq!(too_long("a.md".as_ref(), &text), [3]);
    let text = format!("//! ```\n//! {long}\n//! ```\nfn a() {{}} // {long}\n");
    assert_eq!(too_long("a.rs".as_ref(), &text), [2]);
}
