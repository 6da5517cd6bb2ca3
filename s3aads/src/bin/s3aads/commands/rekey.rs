//! `rekey`: moves a table to other key columns.

use s3aads::{RequestClass, Schema};

use crate::Context;
use crate::bars::Bar;
use crate::failure::Failure;
use crate::output::{field, rows_text};
use crate::target::{FormArgs, Known, TableArgs};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Each new column gets the value of the old column of its name, or else of the body's field of\n\
    its name; old columns that the new key lacks go into the body. If it is stopped, the same command\n\
    goes on where it was."
)]
pub(crate) struct Rekey {
    /// The database: s3://bucket[/prefix], file:///folder.
    url: String,
    /// The table whose rows move.
    table: String,
    /// The table that they move to.
    new_table: String,
    /// The new key columns in order: "year: u16, station: u32".
    #[arg(long, value_name = "COLUMNS")]
    columns: String,
    /// The new table's layout: plain or hive; the old one's unless it is said.
    #[arg(long, value_name = "LAYOUT")]
    layout: Option<String>,
    /// Compress packs: gzip.
    #[arg(long, value_name = "COMPRESSION")]
    compress: Option<String>,
    /// The old table's columns, if its schema is not stored.
    #[arg(long, value_name = "COLUMNS")]
    old_columns: Option<String>,
}

impl Rekey {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let (output, budget) = (&context.output, &context.budget);
        let old = TableArgs {
            url: self.url,
            table: self.table,
            form: FormArgs {
                columns: self.old_columns,
                ..FormArgs::default()
            },
        };
        let old = old.open().await?;
        if old.known == Known::Paths {
            return Err(Failure::arguments(
                "the table has no stored schema; name its columns by `--old-columns`",
            ));
        }
        let from = old.table.schema();
        let layout = self.layout.unwrap_or_else(|| from.layout().to_string());
        let compress = self
            .compress
            .map(|how| format!(", compress {how}"))
            .unwrap_or_default();
        let (columns, body) = (self.columns, from.body());
        let new: Schema = format!("t({columns}) layout {layout}, body {body}{compress}").parse()?;
        let new = new.with_table(self.new_table);
        if !budget.is_confirmed() {
            let rows = budget.rows(&old, &old.table.all(), None).await?;
            if let Some(rows) = rows {
                let price = budget.of(RequestClass::Get, rows);
                budget.allow(&old, price, &format!("looking at {rows} rows"), output)?;
            }
            let plan = old.db.rekey_by_name(from, &new).dry_run().await?;
            let record = vec![
                field("would_move", &plan.rows.saturating_sub(plan.refused)),
                field("refused", &plan.refused),
                field("foreign", &plan.foreign),
            ];
            output.records(
                &["would_move", "refused", "foreign"].map(str::to_owned),
                &[record],
            )?;
            for problem in &plan.problems {
                output.warn(&problem.to_string());
            }
            let price =
                budget.of(RequestClass::Copy, plan.rows) + budget.of(RequestClass::Head, plan.rows);
            let price = if old.is_priced {
                format!(" for about {}", s3aads::Price::of(price))
            } else {
                String::new()
            };
            output.note(&format!(
                "`--yes` would move the rows to {new}{price}; nothing was moved"
            ));
            return match plan.refused {
                0 => Ok(()),
                refused => Err(Failure::no(format!(
                    "{} can't be moved, so that none would be",
                    rows_text(refused)
                ))),
            };
        }
        let bar = Bar::new(output, "moving", None);
        let rekey = old.db.rekey_by_name(from, &new);
        let report = rekey.on_progress(|report| bar.at(report.moved)).await?;
        drop(bar);
        let record = vec![
            field("moved", &report.moved),
            field("resumed", &report.resumed),
            field("foreign", &report.foreign),
        ];
        output.records(
            &["moved", "resumed", "foreign"].map(str::to_owned),
            &[record],
        )?;
        Ok(())
    }
}
