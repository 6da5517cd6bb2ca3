//! The runtime's layers look only down: no module imports one that is above it.

use std::fs;

use crate::{files, runtime};

/// From the bottom to the top. Modules of one layer may know each other: a table makes queries, and
/// a query's rows are a table's.
const LAYERS: &[&[&str]] = &[
    &["error"],
    &["backoff"],
    &["schema"],
    &["key"],
    &["body"],
    &["store"],
    &["pack"],
    &["options"],
    &["fault"],
    &["plan"],
    &["scan"],
    &["explain"],
    &["rows"],
    &["database"],
    &["raw"],
    &["query", "table"],
    &["maintain"],
    &["server"],
    &["ddl"],
    &["testing"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The modules that a file of `module` must not name.
fn upward(module: &str, text: &str) -> Vec<String> {
    let own = layer(module).unwrap_or_else(|| panic!("`{module}` has no layer yet"));
    // Tests may look anywhere.
    let text = text.split("#[cfg(test)]\nmod tests {").next();
    let lines = text.unwrap_or_default().lines();
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    let names = code.flat_map(|line| line.split("crate::").skip(1));
    let names = names.map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    });
    names
        .filter(|name| match layer(name) {
            Some(layer) => layer > own,
            // What `lib.rs` exports may come from anywhere, and a group hides what it names.
            None => true,
        })
        .map(|name| format!("{module} -> {name}"))
        .collect()
}

#[test]
fn no_module_imports_one_above_it() {
    let source = runtime();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in files(&source) {
        let below = path.strip_prefix(&source).unwrap();
        let first = below.iter().next().unwrap().to_str().unwrap();
        let module = first.trim_end_matches(".rs");
        // The crate's table of contents, the fuzz targets' door, and programs.
        if ["lib", "fuzz", "bin", "guide"].contains(&module) {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        for import in upward(module, &text) {
            wrong.push(format!("{}: {import}", below.display()));
        }
    }
    assert!(seen > 50, "{seen} files");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_upward_import_is_found() {
    assert_eq!(upward("plan", "use crate::scan::Spec;\n"), ["plan -> scan"]);
    assert_eq!(
        upward("store", "    let db = crate::database::open();"),
        ["store -> database"]
    );
    assert_eq!(upward("raw", "use crate::{query, key};"), ["raw -> "]);
    assert_eq!(upward("raw", "use crate::Server;"), ["raw -> Server"]);
    assert!(upward("table", "use crate::query::Query;\nuse crate::key::Filter;").is_empty());
    let tested = "use crate::key::x;\n#[cfg(test)]\nmod tests {\n    use crate::table::Table;\n}";
    assert!(upward("store", tested).is_empty());
    assert!(
        upward(
            "key",
            "/// See [`crate::Table`].\n//! use crate::table::Table;"
        )
        .is_empty()
    );
}
