//! `schema`: how a table is stored.

use crate::Context;
use crate::failure::Failure;
use crate::output::field;
use crate::target::{Known, TableArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct Schema {
    #[command(flatten)]
    table: TableArgs,
}

impl Schema {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let (output, schema) = (&context.output, opened.table.schema());
        let known = match opened.known {
            Known::Stored => "stored",
            Known::Given => "given",
            Known::Paths => "told by the paths",
        };
        let bound = schema.bound().len();
        let columns = schema.columns().iter().enumerate().map(|(at, column)| {
            let encoding = if at >= bound {
                "packed".to_owned()
            } else {
                column.encoding().to_string()
            };
            vec![
                field("column", &column.name()),
                field("type", &column.column_type().to_string()),
                field("encoding", &encoding),
            ]
        });
        let columns: Vec<_> = columns.collect();
        let facts = [
            field("table", &schema.table()),
            field("schema", &known),
            field("layout", &schema.layout().to_string()),
            field("body", &schema.body().to_string()),
            field("compression", &schema.compression().map(|c| c.to_string())),
            field("fingerprint", &schema.fingerprint()),
            field("definition", &schema.to_string()),
        ];
        if output.is_json() {
            let columns = columns
                .iter()
                .map(|column| crate::output::json_line(column));
            let columns = format!("[{}]", columns.collect::<Vec<_>>().join(","));
            let columns = serde_json::value::RawValue::from_string(columns);
            let columns = columns.map_err(|error| Failure::other(error.to_string()))?;
            let mut facts = facts.to_vec();
            facts.push(("columns".to_owned(), columns));
            output.record(&facts)?;
            return Ok(());
        }
        let names = ["column", "type", "encoding"].map(str::to_owned);
        output.records(&names, &columns)?;
        for (name, value) in &facts {
            let value = crate::output::text_of(value);
            if !value.is_empty() {
                output.line(&format!("{name:>12}  {}", crate::output::shown(&value)))?;
            }
        }
        if opened.known == Known::Paths {
            output.note("no schema is stored; `--columns` names the columns and their types");
        }
        Ok(())
    }
}
