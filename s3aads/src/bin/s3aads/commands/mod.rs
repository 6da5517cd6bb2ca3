//! The commands: a file each, or for a few that belong together.

mod check;
mod codegen;
mod completions;
mod copy;
mod cost;
mod databases;
mod ddl;
mod delete;
mod edit;
mod export;
mod import;
mod keys;
mod put;
mod rekey;
mod rows;
mod schema;
mod verify;

use crate::Context;
use crate::failure::Failure;

/// What is to be done.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Lists the databases of a server, or the folders of a folder.
    Databases(databases::Databases),
    /// Makes a database.
    Create(databases::Create),
    /// Lists the tables of a database.
    Tables(databases::Tables),
    /// Shows how a table is stored.
    Schema(schema::Schema),
    /// Lists the keys of a table's rows.
    Keys(keys::Keys),
    /// Counts a table's rows.
    Count(keys::Count),
    /// Lists the distinct values of key columns.
    Distinct(keys::Distinct),
    /// Shows a table's rows.
    Rows(rows::Rows),
    /// Prints what one row holds.
    Get(rows::Get),
    /// Writes one row.
    Put(put::Put),
    /// Edits one row in $EDITOR, and writes it back unless it was changed meanwhile.
    Edit(edit::Edit),
    /// Deletes rows; without --yes it says which.
    Delete(delete::Delete),
    /// Copies rows to another table or database.
    Copy(copy::Copy),
    /// Tells how a query is answered, and with how many requests.
    Explain(cost::Explain),
    /// Tells what a query costs, and a month of so many, beside a small database server.
    Cost(cost::Cost),
    /// Tries what a store honours.
    Check(check::Check),
    /// Looks at every object of a table.
    Verify(verify::Verify),
    /// Moves a table to other key columns; without --yes it says what would move.
    Rekey(rekey::Rekey),
    /// Writes the rows of a CSV or NDJSON file; goes on where it was stopped.
    Import(import::Import),
    /// Writes rows to a CSV or NDJSON file; goes on where it was stopped.
    Export(export::Export),
    /// Prints the statement by which an engine reads a table.
    Ddl(ddl::Ddl),
    /// Prints the Rust struct of a table.
    Codegen(codegen::Codegen),
    /// Prints the completions of a shell.
    Completions(completions::Completions),
}

impl Command {
    pub(crate) async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Databases(command) => command.run(context).await,
            Self::Create(command) => command.run(context).await,
            Self::Tables(command) => command.run(context).await,
            Self::Schema(command) => command.run(context).await,
            Self::Keys(command) => command.run(context).await,
            Self::Count(command) => command.run(context).await,
            Self::Distinct(command) => command.run(context).await,
            Self::Rows(command) => command.run(context).await,
            Self::Get(command) => command.run(context).await,
            Self::Put(command) => command.run(context).await,
            Self::Edit(command) => command.run(context).await,
            Self::Delete(command) => command.run(context).await,
            Self::Copy(command) => command.run(context).await,
            Self::Explain(command) => command.run(context).await,
            Self::Cost(command) => command.run(context).await,
            Self::Check(command) => command.run(context).await,
            Self::Verify(command) => command.run(context).await,
            Self::Rekey(command) => command.run(context).await,
            Self::Import(command) => command.run(context).await,
            Self::Export(command) => command.run(context).await,
            Self::Ddl(command) => command.run(context).await,
            Self::Codegen(command) => command.run(context).await,
            Self::Completions(command) => command.run(context),
        }
    }
}
