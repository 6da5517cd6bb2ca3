//! What the compiler says about mistakes: one case for each rule of the derives, and for the
//! mistakes that users of a table make. And that it says nothing in any edition about what is right.
//!
//! A case is `ui/<rule>.rs`; `//~` ends each line with a mistake, and the compiler must report one
//! error for each mark, on that line, and nothing else. `//~ 2: why` allows two. What it says is
//! `ui/<rule>.stderr`, written anew if `S3AADS_UI=overwrite` is set. Sources outside of the case
//! are named there without their lines, since these are another file's business.
//!
//! Cases are compiled by one call of rustc each, against the libraries that this very test run has
//! built.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::{env, fs, thread};

use serde_json::Value;

/// The crates that cases name.
const CRATES: [&str; 9] = [
    "s3aads",
    "bytes",
    "chrono",
    "futures_util",
    "jiff",
    "serde",
    "serde_json",
    "tokio",
    "uuid",
];

/// Where they have been built.
static LIBRARIES: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(libraries);

/// The same, but for `s3aads`, which is built here with the feature `derive` alone.
static WITHOUT_FEATURES: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| {
    let mut libraries = LIBRARIES.clone();
    let built = build(&[
        "check",
        "--package=s3aads",
        "--no-default-features",
        "--features=derive",
    ]);
    libraries.extend(built.into_iter().filter(|(name, _)| name == "s3aads"));
    libraries
});

/// The fewest cases that there may be, so that none is lost unseen.
const MIN_CASES: usize = 70;

/// The most lines that one message may have.
const MAX_LINES: usize = 40;

#[test]
fn messages() {
    check_all("tests/ui", MIN_CASES, &LIBRARIES);
}

/// Types of crates that `s3aads` has a feature for, which is not switched on.
#[test]
fn messages_without_features() {
    check_all("tests/ui_without_features", 3, &WITHOUT_FEATURES);
}

fn check_all(folder: &str, min_cases: usize, libraries: &BTreeMap<String, PathBuf>) {
    let mut cases: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .unwrap()
        .map(|entry| Path::new(folder).join(entry.unwrap().file_name()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    cases.sort();
    assert!(cases.len() >= min_cases, "{} cases", cases.len());
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let failure = check(case, libraries);
                    if !failure.is_empty() {
                        failures.lock().unwrap().insert(case, failure);
                    }
                }
            });
        }
    });
    let mut report = String::new();
    for (case, failure) in failures.into_inner().unwrap() {
        let _ = writeln!(report, "--- {}\n{failure}", case.display());
    }
    assert!(
        report.is_empty(),
        "\n{report}\nS3AADS_UI=overwrite accepts what is said"
    );
}

#[test]
fn generated_code_in_every_edition() {
    for edition in ["2018", "2021", "2024"] {
        let said = compile(
            Path::new("tests/hygiene/main.rs"),
            edition,
            &["--test"],
            &LIBRARIES,
        );
        let texts: Vec<_> = said.iter().map(|said| &*said.text).collect();
        assert!(texts.is_empty(), "edition {edition}\n{}", texts.join("\n"));
    }
}

/// Where the crates that cases name have been built. Cargo is asked as it was asked for this
/// test, so that it builds nothing.
fn libraries() -> BTreeMap<String, PathBuf> {
    let mut found = build(&["test", "--workspace", "--test", "ui", "--no-run"]);
    found.retain(|name, _| CRATES.contains(&&**name));
    assert_eq!(found.len(), CRATES.len(), "{found:?}");
    found
}

/// The libraries that a command of cargo's builds, or has built.
fn build(command: &[&str]) -> BTreeMap<String, PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(command)
        .args(["--quiet", "--message-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut found = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let name = message["target"]["name"].as_str().unwrap_or_default();
        let file = message["filenames"][0].as_str().unwrap_or_default();
        if file.ends_with(".rlib") || file.ends_with(".rmeta") {
            found.insert(name.to_owned(), PathBuf::from(file));
        }
    }
    found
}

/// One error.
struct Said {
    /// The line of the case that it is about, if it is about one.
    line: Option<usize>,
    text: String,
}

/// Why a case fails; nothing if it does not.
fn check(case: &Path, libraries: &BTreeMap<String, PathBuf>) -> String {
    let source = fs::read_to_string(case).unwrap();
    let args = ["--crate-type=bin", "-Awarnings"];
    let errors = compile(case, "2024", &args, libraries);
    let mut failure = String::new();
    let mut allowed = marks(&source);
    for error in &errors {
        let lines = error.text.lines().count();
        if lines > MAX_LINES {
            let _ = writeln!(
                failure,
                "{lines} lines, {MAX_LINES} are allowed:\n{}",
                error.text
            );
        }
        match error.line.and_then(|line| allowed.get_mut(&line)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => {
                let _ = writeln!(failure, "not at a mark:\n{}", error.text);
            }
        }
    }
    for (line, left) in allowed {
        if left > 0 {
            let _ = writeln!(
                failure,
                "line {line} is marked, and {left} errors are missing"
            );
        }
    }
    let texts: Vec<_> = errors.iter().map(|error| normalized(&error.text)).collect();
    let said = texts.join("\n");
    let expected = case.with_extension("stderr");
    if said != fs::read_to_string(&expected).unwrap_or_default() {
        if env::var_os("S3AADS_UI").is_some_and(|what| what == "overwrite") {
            fs::write(expected, said).unwrap();
        } else {
            let _ = writeln!(
                failure,
                "the messages differ from the .stderr file:\n{said}"
            );
        }
    }
    failure
}

/// How many errors are allowed on which line.
fn marks(source: &str) -> BTreeMap<usize, usize> {
    let mut marks = BTreeMap::new();
    for (line, text) in (1..).zip(source.lines()) {
        let Some((_, mark)) = text.split_once("//~") else {
            continue;
        };
        let allowed = match mark.trim().split_once(':') {
            None => 1,
            Some((count, _)) => count.parse().unwrap(),
        };
        marks.insert(line, allowed);
    }
    marks
}

/// The errors of a source, in their order.
fn compile(
    source: &Path,
    edition: &str,
    args: &[&str],
    libraries: &BTreeMap<String, PathBuf>,
) -> Vec<Said> {
    let folder = tempfile::tempdir().unwrap();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["--edition", edition, "--emit=metadata"])
        .args(["--error-format=json", "--diagnostic-width=140"])
        .args(args)
        .arg("--out-dir")
        .arg(folder.path())
        .arg(source);
    for (library, path) in libraries {
        rustc.arg("--extern");
        rustc.arg(format!("{library}={}", path.display()));
        rustc.arg("-L");
        rustc.arg(format!("dependency={}", path.parent().unwrap().display()));
    }
    let output = rustc.output().unwrap();
    let mut errors = Vec::new();
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let spans = message["spans"].as_array().map_or(&[][..], Vec::as_slice);
        let text = message["rendered"].as_str().unwrap_or_default();
        // The last message counts the errors, and is about nothing.
        if message["level"] != "error" || text.starts_with("error: aborting") {
            continue;
        }
        let at = spans.iter().find(|span| {
            span["is_primary"] == true && span["file_name"].as_str() == source.to_str()
        });
        errors.push(Said {
            line: at
                .and_then(|span| span["line_start"].as_u64())
                .and_then(|line| usize::try_from(line).ok()),
            text: text.trim_end().to_owned() + "\n",
        });
    }
    errors
}

/// A message without what depends on the machine and on other files' lines.
fn normalized(text: &str) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut result = String::new();
    let mut is_elsewhere = false;
    for line in text.lines() {
        let start = line.trim_start();
        if let Some((arrow, place)) = start
            .split_once(' ')
            .filter(|(arrow, _)| *arrow == "-->" || *arrow == ":::")
        {
            is_elsewhere = !place.starts_with("tests/ui");
            if is_elsewhere {
                let indent = &line[..line.len() - start.len()];
                let file = place.split(".rs:").next().unwrap_or(place);
                let file = file.replace(&*workspace.to_string_lossy(), "$WORKSPACE");
                // Where cargo keeps the sources of a registry is no matter, nor is its name.
                let registry = file.split_once("/registry/src/");
                let file = match (file.split_once("/library/"), registry) {
                    (Some((_, file)), _) => format!("$RUST/{file}"),
                    (None, Some((_, file))) => {
                        format!(
                            "$CRATES/{}",
                            file.split_once('/').map_or(file, |(_, file)| file)
                        )
                    }
                    (None, None) => file,
                };
                let _ = writeln!(result, "{indent}{arrow} {file}.rs");
                continue;
            }
        }
        let is_snippet = start.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        if is_elsewhere && (is_snippet.starts_with('|') || start == "...") {
            continue;
        }
        is_elsewhere = false;
        result.push_str(line.trim_end());
        result.push('\n');
    }
    result
}
