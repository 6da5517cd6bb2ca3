//! `copy`: rows to another table or database.

use s3aads::stream::{StreamExt, TryStreamExt};
use s3aads::{Error, ErrorKind, RequestClass};

use crate::Context;
use crate::bars::Bar;
use crate::failure::Failure;
use crate::filters::{self, Condition};
use crate::output::{field, rows_text};
use crate::target::{FormArgs, Known, TableArgs, open};

/// How many copies are under way at once.
const AT_ONCE: usize = 32;

#[derive(Debug, clap::Args)]
#[command(after_help = filters::HELP)]
pub(crate) struct Copy {
    #[command(flatten)]
    table: TableArgs,
    /// Which rows.
    filters: Vec<Condition>,
    /// The database to copy to; the same one if it is not said.
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The table to copy to; one of the same name if it is not said.
    #[arg(long, value_name = "TABLE")]
    to_table: Option<String>,
    /// Writes over rows that are there.
    #[arg(long)]
    overwrite: bool,
}

impl Copy {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let source = self.table.open().await?;
        let (output, budget) = (&context.output, &context.budget);
        let url = self.to.as_deref().unwrap_or(&self.table.url);
        let name = self.to_table.as_deref().unwrap_or(source.table.name());
        if url == self.table.url && name == source.table.name() {
            return Err(Failure::arguments("a copy needs `--to` or `--to-table`"));
        }
        let target = match open(url, name, &FormArgs::default(), "bytes").await? {
            Some(target) => {
                let (from, to) = (source.table.schema(), target.table.schema());
                if target.known == Known::Stored && from.fingerprint() != to.fingerprint() {
                    let message = format!("the tables are stored otherwise, {from} and {to}");
                    return Err(Failure::arguments(message)
                        .help("`s3aads rekey` moves rows to other columns; `export` and `import` copy them"));
                }
                target.db
            }
            None => s3aads::Database::open(url)?,
        };
        let schema = source.table.schema().clone().with_table(name);
        let target = match source.known {
            // The schema goes with the rows.
            Known::Stored | Known::Given => target.raw_table_of(schema)?,
            Known::Paths => target.raw_table(name, source.table.columns())?,
        };
        let query = source.query(&self.filters);
        let rows = budget.rows(&source, &query, None).await?;
        if let Some(rows) = rows {
            // On S3 a copy is a HEAD and a COPY.
            let price = budget.of(RequestClass::Copy, rows) + budget.of(RequestClass::Head, rows);
            budget.allow(
                &source,
                price,
                &format!("copying {}", rows_text(rows)),
                output,
            )?;
        }
        context.stop.is_handled();
        let bar = Bar::new(output, "copying", rows);
        let (mut copied, mut refused) = (0_u64, 0_u64);
        let from = &source.table;
        let overwrite = self.overwrite;
        let target = &target;
        let mut copies = query
            .stream_keys()
            .take_while(|_| std::future::ready(!context.stop.is_asked()))
            .map_ok(|key| async move {
                let copy = from.copy(key.path());
                let done = if overwrite {
                    copy.to(target, key.path()).await
                } else {
                    copy.to_new(target, key.path()).await
                };
                Ok::<_, Error>((key, done))
            })
            .try_buffer_unordered(AT_ONCE);
        while let Some((key, done)) = copies.try_next().await? {
            bar.step();
            match done {
                Ok(()) => copied += 1,
                Err(error) if stops(error.kind()) => {
                    let failure = Failure::from(error);
                    return Err(failure.help(format!("{} copied; run it again", rows_text(copied))));
                }
                Err(error) => {
                    refused += 1;
                    bar.above(|| output.warn(&format!("{}: {error}", key.path())));
                }
            }
        }
        drop(bar);
        let record = vec![field("copied", &copied), field("refused", &refused)];
        output.records(&["copied".to_owned(), "refused".to_owned()], &[record])?;
        if context.stop.is_asked() {
            return Err(Failure::interrupted());
        }
        match refused {
            0 => Ok(()),
            refused => Err(Failure::no(format!("{} not copied", rows_text(refused)))
                .help("`--overwrite` copies over rows that are there")),
        }
    }
}

/// Whether no other row would fare better.
pub(super) fn stops(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::PermissionDenied
            | ErrorKind::Unavailable
            | ErrorKind::Unsupported
            | ErrorKind::SchemaMismatch
            | ErrorKind::InvalidConfig
    )
}
