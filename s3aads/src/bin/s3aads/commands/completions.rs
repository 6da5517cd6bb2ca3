//! `completions` of shells.

use std::io;

use clap::{CommandFactory, Parser};
use clap_complete::{Shell, generate};

use crate::failure::Failure;
use crate::{Arguments, Context};

#[derive(Debug, Parser)]
#[command(
    after_help = "bash:  s3aads completions bash > ~/.local/share/bash-completion/completions/s3aads\n\
    zsh:   s3aads completions zsh > ~/.zfunc/_s3aads\n\
    fish:  s3aads completions fish > ~/.config/fish/completions/s3aads.fish"
)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, context: &Context) -> Result<(), Failure> {
        let mut script = Vec::new();
        generate(self.shell, &mut Arguments::command(), "s3aads", &mut script);
        context
            .output
            .bytes(&script)
            .map_err(|error: io::Error| error.into())
    }
}
