//! `ddl`: how an engine reads a table.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use s3aads::stream::StreamExt;
use s3aads::{BodyFormat, Engine, FieldSchema};

use crate::Context;
use crate::failure::Failure;
use crate::output::field;
use crate::target::{Opened, TableArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct Ddl {
    #[command(flatten)]
    table: TableArgs,
    /// The engine.
    #[arg(long, short, value_parser = engines())]
    engine: Engine,
    /// How many rows are read for the types of the body's fields.
    #[arg(long, value_name = "N", default_value_t = 100)]
    sample: u64,
}

/// The name of an engine on the command line.
fn name(engine: Engine) -> String {
    engine.to_string().to_lowercase().replace(' ', "-")
}

fn engines() -> impl TypedValueParser<Value = Engine> {
    let names: Vec<String> = Engine::ALL.iter().map(|engine| name(*engine)).collect();
    PossibleValuesParser::new(names).try_map(|given| {
        let mut engines = Engine::ALL.iter().copied();
        let engine = engines.find(|engine| name(*engine) == given);
        engine.ok_or("there is no such engine")
    })
}

impl Ddl {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let bodies = sample(&opened, self.sample).await?;
        let fields = match opened.table.schema().body() {
            BodyFormat::Object => FieldSchema::sample(&bodies),
            _ => Vec::new(),
        };
        let schema = opened.table.schema();
        let statement = schema.ddl(self.engine, &self.table.url, &fields)?;
        if context.output.is_json() {
            context.output.record(&[
                field("engine", &name(self.engine)),
                field("statement", &statement),
            ])?
        } else {
            context.output.bytes(statement.as_bytes())?
        }
        if !bodies.is_empty() {
            let rows = bodies.len();
            context.output.note(&format!(
                "the types of the body's fields are those of {rows} rows"
            ));
        }
        Ok(())
    }
}

/// What the first rows hold; rows that do not decode are left out.
pub(super) async fn sample(opened: &Opened, rows: u64) -> Result<Vec<Vec<u8>>, Failure> {
    let mut bodies = Vec::new();
    let mut stream = opened.table.all().limit(rows).stream();
    while let Some(row) = stream.next().await {
        match row {
            Ok((_, body)) => bodies.push(body.to_vec()),
            Err(error) if error.kind() == s3aads::ErrorKind::InvalidRow => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(bodies)
}
