//! `put`: writes one row.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use crate::Context;
use crate::failure::Failure;
use crate::target::TableArgs;
use crate::values::{check_body, stored_body};

#[derive(Debug, clap::Args)]
#[command(after_help = "Without --data or --file the row is read from standard input.")]
pub(crate) struct Put {
    #[command(flatten)]
    table: TableArgs,
    /// The key: a value for each key column, in order.
    #[arg(required = true, allow_negative_numbers = true)]
    key: Vec<String>,
    /// What the row holds.
    #[arg(
        long,
        short,
        value_name = "TEXT",
        conflicts_with = "file",
        allow_hyphen_values = true
    )]
    data: Option<String>,
    /// A file with what the row holds.
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Writes over the row that is there.
    #[arg(long)]
    overwrite: bool,
}

impl Put {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open_for_writing().await?;
        let table = &opened.table;
        let key = table.key_of(self.key)?;
        let body = match (self.data, self.file) {
            (Some(data), _) => data.into_bytes(),
            (None, Some(file)) => fs::read(&file)
                .map_err(|error| Failure::arguments(format!("{}: {error}", file.display())))?,
            (None, None) => {
                if io::stdin().is_terminal() {
                    context
                        .output
                        .note("reading the row from the terminal; end it by Ctrl-D");
                }
                let mut body = Vec::new();
                io::stdin().read_to_end(&mut body)?;
                body
            }
        };
        check_body(table.schema(), &body).map_err(Failure::arguments)?;
        let body = stored_body(table.schema(), body);
        if self.overwrite {
            table.upsert_by_key(&key, body).await?
        } else {
            table.insert_by_key(&key, body).await?
        };
        context
            .output
            .note(&format!("wrote {}/{}", table.name(), key.path()));
        Ok(())
    }
}
