//! `edit`: a row in an editor, written back unless somebody changed it meanwhile.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use s3aads::ErrorKind;
use s3aads::bytes::Bytes;

use crate::Context;
use crate::failure::Failure;
use crate::target::TableArgs;
use crate::values::{check_body, stored_body};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The editor is $VISUAL, else $EDITOR, else vi. Without a change nothing is written. If\n\
    the row was changed meanwhile, or the text is no row, it stays in the file that is named."
)]
pub(crate) struct Edit {
    #[command(flatten)]
    table: TableArgs,
    /// The key: a value for each key column, in order.
    #[arg(required = true, allow_negative_numbers = true)]
    key: Vec<String>,
}

impl Edit {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open_for_writing().await?;
        let (table, output) = (&opened.table, &context.output);
        let key = table.key_of(self.key)?;
        let Some(mut row) = table.select_versioned_by_key(&key).await? else {
            let message = format!("there is no row {:?} in {}", key.path(), table.name());
            return Err(Failure::no(message).help("`s3aads put` writes a new one"));
        };
        let Ok(stored) = std::str::from_utf8(&row.row) else {
            let help =
                "`s3aads get --output FILE` and `s3aads put --overwrite --file FILE` change it";
            return Err(Failure::arguments("the row is no text").help(help));
        };
        let before = indented(stored).unwrap_or_else(|| stored.to_owned());
        let is_json = indented(stored).is_some();
        let file = tempfile(before.as_bytes(), if is_json { "json" } else { "txt" })?;
        // Ctrl-C is the editor's.
        context.stop.is_handled();
        let edited = edited(&file)?;
        if edited == before.as_bytes() {
            let _ = fs::remove_file(&file);
            output.note("nothing was changed");
            return Ok(());
        }
        let kept = |failure: Failure| failure.help(format!("your text is in {}", file.display()));
        // An editor ends the last line, which the row need not have.
        let ended = edited
            .strip_suffix(b"\n")
            .filter(|_| !before.ends_with('\n'));
        let body = Bytes::copy_from_slice(ended.unwrap_or(&edited));
        check_body(table.schema(), &body).map_err(|why| kept(Failure::arguments(why)))?;
        let body = match is_json.then(|| compact(&body)).flatten() {
            Some(compact) => compact.into_bytes(),
            None => body.to_vec(),
        };
        row.row = stored_body(table.schema(), body);
        match table.update_by_key(&key, &row).await {
            Ok(_) => {
                let _ = fs::remove_file(&file);
                output.note(&format!("wrote {}/{}", table.name(), key.path()));
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Conflict => Err(kept(error.into())),
            Err(error) => Err(kept(error.into())),
        }
    }
}

/// A new file that this user alone can read.
fn tempfile(content: &[u8], ending: &str) -> Result<std::path::PathBuf, Failure> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for _ in 0..16 {
        let name = format!("s3aads-{:016x}.{ending}", fastrand::u64(..));
        let path = env::temp_dir().join(name);
        match options.open(&path) {
            Ok(mut file) => {
                file.write_all(content)?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::other("no temporary file can be made"))
}

/// What the file holds once the editor is closed.
fn edited(file: &Path) -> Result<Vec<u8>, Failure> {
    let named = |name| {
        env::var(name)
            .ok()
            .filter(|editor| !editor.trim().is_empty())
    };
    let editor = named("VISUAL").or_else(|| named("EDITOR"));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    // With arguments, as in `code --wait`.
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let ran = Command::new(program).args(words).arg(file).status();
    let help = "set EDITOR to an editor that waits until the file is closed";
    match ran {
        Ok(status) if status.success() => Ok(fs::read(file)?),
        Ok(status) => {
            let _ = fs::remove_file(file);
            Err(Failure::other(format!(
                "the editor {editor:?} failed ({status}); nothing was written"
            )))
        }
        Err(error) => {
            let _ = fs::remove_file(file);
            Err(
                Failure::arguments(format!("the editor {editor:?} can't be started: {error}"))
                    .help(help),
            )
        }
    }
}

/// JSON with line breaks and spaces: fields in their order, numbers as they are written. None if it is
/// no JSON.
pub(super) fn indented(json: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(json).ok()?;
    let (mut text, mut depth) = (String::new(), 0);
    for token in tokens(json) {
        match token {
            "{" | "[" => {
                depth += 1;
                text.push_str(token);
                line(&mut text, depth);
            }
            "}" | "]" => {
                depth -= 1;
                let trimmed = text.trim_end();
                if trimmed.ends_with(['{', '[']) {
                    text.truncate(trimmed.len());
                } else {
                    line(&mut text, depth);
                }
                text.push_str(token);
            }
            "," => {
                text.push(',');
                line(&mut text, depth);
            }
            ":" => text.push_str(": "),
            token => text.push_str(token),
        }
    }
    Some(text)
}

fn line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

/// JSON without the white space around its parts.
fn compact(json: &[u8]) -> Option<String> {
    let json = std::str::from_utf8(json).ok()?;
    Some(tokens(json).collect())
}

/// The parts of JSON, without the white space between them.
fn tokens(json: &str) -> impl Iterator<Item = &str> {
    let mut rest = json;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\n', '\r', '\t']);
        let first = rest.chars().next()?;
        let end = match first {
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            '"' => {
                let mut escaped = false;
                let end = rest.char_indices().skip(1).find(|&(_, c)| {
                    let closes = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    closes
                });
                end.map_or(rest.len(), |(at, _)| at + 1)
            }
            _ => rest
                .find(['{', '}', '[', ']', ',', ':', ' ', '\n', '\r', '\t', '"'])
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(token)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_back() {
        let json =
            r#"{"b":1.50,"a":[1,{"x y":"a\"b: {,\\"}],"e":{},"f":[],"n":12345678901234567890123}"#;
        let laid_out = indented(json).unwrap();
        assert_eq!(
            laid_out,
            "{\n  \"b\": 1.50,\n  \"a\": [\n    1,\n    {\n      \"x y\": \"a\\\"b: {,\\\\\"\n    }\n  ],\n  \
             \"e\": {},\n  \"f\": [],\n  \"n\": 12345678901234567890123\n}"
        );
        assert_eq!(compact(laid_out.as_bytes()).as_deref(), Some(json));
        assert_eq!(indented("dry"), None);
        assert_eq!(indented(" true ").as_deref(), Some("true"));
    }
}
