//! `verify`: looks at every object of a table.

use s3aads::RequestClass;
use s3aads::stream::TryStreamExt;

use crate::Context;
use crate::bars::Bar;
use crate::failure::Failure;
use crate::output::field;
use crate::target::{Known, TableArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    table: TableArgs,
}

impl Verify {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let (output, budget) = (&context.output, &context.budget);
        if opened.known == Known::Paths {
            output.note("no schema is stored, so that any text is a key and any body a row; name one by `--columns`");
        }
        let rows = budget.rows(&opened, &opened.table.all(), None).await?;
        if let Some(rows) = rows {
            let price = budget.of(RequestClass::Get, rows)
                + budget.of(RequestClass::List, rows.div_ceil(1000));
            budget.allow(&opened, price, &format!("reading {rows} rows"), output)?;
        }
        let bar = Bar::new(output, "verifying", rows);
        let mut verification = opened.table.verify();
        let columns = ["kind", "object", "problem"].map(str::to_owned);
        let mut findings = Vec::new();
        while let Some(finding) = verification.try_next().await? {
            let report = verification.report();
            bar.at(report.rows + report.undecodable + report.foreign);
            let record = vec![
                field("kind", &finding.error.kind().to_string()),
                field("object", &finding.object),
                field("problem", &finding.error.to_string()),
            ];
            if output.is_json() {
                output.record(&record)?
            } else {
                findings.push(record)
            }
        }
        drop(bar);
        if !findings.is_empty() {
            output.records(&columns, &findings)?;
        }
        let report = verification.report();
        output.note(&report.to_string());
        if report.is_clean() {
            Ok(())
        } else {
            Err(Failure::no(format!(
                "{:?} is not clean",
                opened.table.name()
            )))
        }
    }
}
