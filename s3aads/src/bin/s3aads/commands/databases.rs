//! `databases`, `create` and `tables`.

use s3aads::{Database, Server};

use crate::Context;
use crate::failure::Failure;
use crate::output::{Output, field};

#[derive(Debug, clap::Args)]
pub(crate) struct Databases {
    /// What holds them: s3://, file:///folder or file:folder.
    url: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// The database: s3://bucket, file:///folder.
    url: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Tables {
    /// The database: s3://bucket[/prefix], file:///folder.
    url: String,
}

impl Databases {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let names = Server::open(&self.url)?.list_databases().await?;
        names_of(&context.output, "database", &names)
    }
}

impl Create {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        Database::open(&self.url)?.create().await?;
        context.output.note(&format!("{} is there", self.url));
        Ok(())
    }
}

impl Tables {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let names = Database::open(&self.url)?.tables().await?;
        names_of(&context.output, "table", &names)
    }
}

fn names_of(output: &Output, what: &str, names: &[String]) -> Result<(), Failure> {
    let records = names.iter().map(|name| vec![field(what, name)]);
    let records: Vec<_> = records.collect();
    if records.is_empty() {
        output.note(&format!("there is no {what}"));
        return Ok(());
    }
    output.records(&[what.to_owned()], &records)?;
    Ok(())
}
