//! One name is one type, as far as a type can be named outside of its file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::{files, runtime};

/// Names of more than one type, none of which may be added.
const TWICE: &[&str] = &[
    "Call",
    "Operation",
    "Outcome",
    "Pack",
    "Place",
    "Read",
    "Reply",
    "Result",
    "Source",
    "Verdict",
];

/// The types that others may name.
fn types(text: &str) -> BTreeSet<&str> {
    let declared = text.lines().filter_map(|line| {
        let line = line.trim_start().strip_prefix("pub")?;
        let line = match line.strip_prefix('(') {
            Some(line) => line.split_once(") ")?.1,
            None => line.strip_prefix(' ')?,
        };
        let (kind, rest) = line.split_once(' ')?;
        let is_type = matches!(kind, "struct" | "enum" | "trait" | "type" | "union");
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        is_type.then(|| &rest[..end.unwrap_or(rest.len())])
    });
    declared.collect()
}

#[test]
fn one_name_is_one_type() {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let source = runtime();
    for path in files(&source) {
        let text = fs::read_to_string(&path).unwrap();
        let below = path.strip_prefix(&source).unwrap().display().to_string();
        // Programs are crates of their own.
        if below.starts_with("bin/") {
            continue;
        }
        for name in types(&text) {
            named
                .entry(name.to_owned())
                .or_default()
                .push(below.clone());
        }
    }
    assert!(named.len() > 100, "{} types", named.len());
    named.retain(|_, files| files.len() > 1);
    let twice: Vec<&str> = named.keys().map(String::as_str).collect();
    assert_eq!(twice, TWICE, "{named:#?}");
}

#[test]
fn types_are_found() {
    let text = "pub struct A<T>(T);\n    pub(super) enum B {\nstruct C;\npub fn d() {}\npub(crate) trait E: F {\n\
                pub(in crate::store) type G = u8;\n";
    assert_eq!(
        types(text).into_iter().collect::<Vec<_>>(),
        ["A", "B", "E", "G"]
    );
}
