//! `delete`: rows, or a whole table.

use s3aads::RequestClass;

use crate::Context;
use crate::bars::Bar;
use crate::failure::Failure;
use crate::filters::{self, Condition};
use crate::output::{field, rows_text};
use crate::target::TableArgs;
use crate::values::{columns_of, key_fields};

/// How many of the rows that would be deleted are shown.
const SHOWN: u64 = 10;

#[derive(Debug, clap::Args)]
#[command(after_help = filters::HELP)]
pub(crate) struct Delete {
    #[command(flatten)]
    table: TableArgs,
    /// Which rows.
    filters: Vec<Condition>,
    /// The whole table: every object in its folder, and its schema.
    #[arg(long, conflicts_with = "filters")]
    all: bool,
}

impl Delete {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        if self.filters.is_empty() && !self.all {
            let message = "which rows? a filter is like city=Oslo";
            return Err(Failure::arguments(message).help("`--all` deletes the whole table"));
        }
        let opened = self.table.open().await?;
        let (output, budget) = (&context.output, &context.budget);
        let query = opened.query(&self.filters);
        let name = opened.table.name();
        if !budget.is_confirmed() {
            let rows = budget.limit(&opened, &query).count().await?;
            let first = query.limit(SHOWN).keys().await?;
            let records: Vec<_> = first
                .iter()
                .map(|key| key_fields(&opened.table, key))
                .collect();
            let requests = rows.div_ceil(1000);
            let price =
                budget.of(RequestClass::Post, requests) + budget.of(RequestClass::List, requests);
            if output.is_json() {
                output.record(&[field("would_delete", &rows), field("table", &name)])?;
            } else if rows > 0 {
                output.records(&columns_of(&records), &records)?;
                if rows > SHOWN {
                    output.line(&format!("… and {} more", rows - SHOWN))?;
                }
            }
            let what = if self.all {
                format!("the table {name:?} with {}", rows_text(rows))
            } else {
                format!("{} of {name:?}", rows_text(rows))
            };
            let price = if opened.is_priced {
                format!(" for about {}", s3aads::Price::of(price))
            } else {
                String::new()
            };
            output.note(&format!(
                "`--yes` would delete {what}{price}; nothing was deleted"
            ));
            return Ok(());
        }
        let bar = Bar::new(output, "deleting", None);
        if self.all {
            let objects = opened.db.drop_table(name).await?;
            drop(bar);
            output.records(&["deleted".to_owned()], &[vec![field("deleted", &objects)]])?;
            return Ok(());
        }
        let deleted = query.delete().await?;
        drop(bar);
        let record = vec![
            field("deleted", &deleted.rows),
            field("spared", &deleted.spared.len()),
        ];
        output.records(&["deleted".to_owned(), "spared".to_owned()], &[record])?;
        match deleted.spared.len() {
            0 => Ok(()),
            spared => Err(Failure::no(format!(
                "spared {}, changed while the others were deleted",
                rows_text(spared as u64)
            ))
            .help("run the command again to delete them as they are now")),
        }
    }
}
