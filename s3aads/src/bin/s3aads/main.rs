//! The command line: tables on an object store, without code.
//!
//! It stands on the library's public interface alone. A command is a file of `commands`; what they share
//! is beside it.

mod bars;
mod budget;
mod commands;
mod failure;
mod filters;
mod output;
mod stop;
mod target;
mod values;
mod warnings;

use std::process::ExitCode;

use clap::Parser;

use crate::budget::Budget;
use crate::commands::Command;
use crate::failure::Failure;
use crate::output::{Color, Output};
use crate::stop::Stop;

/// Tables on an object store: S3 and its like, Google Cloud, Azure, and the local disk.
///
/// A database is a bucket or a folder, a table is a folder in it, each key column is the next folder, and
/// a row is one object. A URL names the database: s3://bucket[/prefix], gs://bucket, az://container,
/// file:///folder or file:folder. Stores are reached as the usual environment variables say.
#[derive(Debug, Parser)]
#[command(name = "s3aads", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What holds for every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Global options")]
struct Global {
    /// One JSON value a line, for programs, in the place of tables.
    #[arg(long, global = true)]
    json: bool,
    /// When to colour what is printed.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// No progress, notes or warnings.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// What a command may cost, in US dollars, before it asks.
    #[arg(
        long,
        global = true,
        value_name = "DOLLARS",
        default_value_t = 0.01,
        env = "S3AADS_BUDGET"
    )]
    budget: f64,
    /// Say yes to every question: delete, move, and pay more than the budget.
    #[arg(long, short, global = true)]
    yes: bool,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    the answer is no: no such row, findings of a check, rows that were refused
  2    the arguments can't work
  3    the database or table is not there
  4    conflict: a row exists already, or was changed meanwhile
  5    it would cost more than the budget, or was not confirmed
  6    the store refused the credentials
  7    the store can't be reached, or it is unknown whether a write took effect; try again
  8    anything else
  130  interrupted; what was begun is whole, and the command can be run again";

/// What a command has at hand.
struct Context {
    output: Output,
    budget: Budget,
    stop: Stop,
}

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let output = Output::new(global.json, global.color, global.quiet);
    warnings::install(output.clone());
    match run(&global, &output, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.code())
        }
    }
}

fn run(global: &Global, output: &Output, command: Command) -> Result<(), Failure> {
    let context = Context {
        output: output.clone(),
        budget: Budget::new(global.budget, global.yes)?,
        stop: Stop::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::other(format!("the runtime can't be started: {error}")))?;
    let (stop, notes) = (context.stop.clone(), output.clone());
    // On a thread of its own, so that Ctrl-C is heard while a file or a terminal is read.
    let mut running = runtime.spawn(async move { command.run(&context).await });
    let ran = runtime.block_on(async {
        loop {
            tokio::select! {
                ran = &mut running => return ran.unwrap_or_else(|error| Err(Failure::other(error.to_string()))),
                pressed = tokio::signal::ctrl_c() => {
                    // A command that can't be cut short ends what it has begun; not a second time.
                    if pressed.is_ok() && stop.ask() {
                        notes.note("stopping; what is under way is finished first");
                    } else {
                        return Err(Failure::interrupted());
                    }
                }
            }
        }
    });
    // A read of a terminal is not waited for.
    runtime.shutdown_background();
    ran
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_sound() {
        super::Arguments::command().debug_assert();
    }
}
