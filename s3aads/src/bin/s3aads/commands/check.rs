//! `check`: what a store really honours.

use s3aads::{Capability, Database};

use crate::Context;
use crate::failure::Failure;
use crate::output::field;

#[derive(Debug, clap::Args)]
#[command(after_help = "It writes and deletes some objects below _s3aads/ of the database.")]
pub(crate) struct Check {
    /// The database: s3://bucket[/prefix], file:///folder.
    url: String,
}

impl Check {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let found = Database::open(&self.url)?.check().await?;
        let facts = [
            (
                "create_only",
                "a second create is refused (If-None-Match)",
                found.create_only,
            ),
            (
                "concurrent_creates",
                "of creates at once one succeeds",
                found.concurrent_creates,
            ),
            (
                "update_unchanged",
                "a write over a changed row is refused (If-Match)",
                found.update_unchanged,
            ),
            (
                "delete_unchanged",
                "a delete of a changed row is refused",
                found.delete_unchanged,
            ),
            (
                "bulk_delete_unchanged",
                "the same in a bulk delete",
                found.bulk_delete_unchanged,
            ),
            (
                "create_only_copy",
                "a copy over a row is refused",
                found.create_only_copy,
            ),
            (
                "start_after",
                "a listing can start after a key",
                found.start_after,
            ),
            ("delimiter", "a listing tells folders", found.delimiter),
            (
                "bulk_delete",
                "many rows are deleted by one request",
                found.bulk_delete,
            ),
            ("metadata", "user metadata is kept", found.metadata),
        ];
        let output = &context.output;
        if output.is_json() {
            let mut record = facts.map(|(name, _, is)| field(name, &is)).to_vec();
            record.push(field("conditional_writes", &found.conditional_writes()));
            output.record(&record)?;
        } else {
            let rows = facts.map(|(_, what, is)| {
                vec![
                    field("what the store does", &what),
                    field("", &is.to_string()),
                ]
            });
            output.records(&["what the store does".to_owned(), String::new()], &rows)?;
        }
        if found.conditional_writes() {
            return Ok(());
        }
        let ignored = facts.iter().any(|(.., is)| *is == Capability::Ignored);
        let message = if ignored {
            "the store accepts conditions and ignores them; inserts and updates are refused here"
        } else {
            "the store has no conditional writes; inserts and updates are refused here"
        };
        Err(Failure::no(message)
            .help("`put --overwrite` and `import --on-existing overwrite` work"))
    }
}
