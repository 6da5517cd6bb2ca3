//! Why a command failed: what is told, and the exit code.

use std::io;

use s3aads::{Error, ErrorKind};

/// Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    /// What kind it is, for programs.
    pub(crate) kind: String,
    /// Empty if everything was said already.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

impl Failure {
    fn new(code: u8, kind: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            kind: kind.to_owned(),
            message: message.into(),
            help: None,
        }
    }

    /// The answer is no.
    pub(crate) fn no(message: impl Into<String>) -> Self {
        Self::new(1, "no", message)
    }

    /// The arguments can't work.
    pub(crate) fn arguments(message: impl Into<String>) -> Self {
        Self::new(2, "arguments", message)
    }

    /// The table or database is not there.
    pub(crate) fn not_there(message: impl Into<String>) -> Self {
        Self::new(3, "not found", message)
    }

    /// It was not confirmed.
    pub(crate) fn unconfirmed(message: impl Into<String>) -> Self {
        Self::new(5, "not confirmed", message)
    }

    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::new(8, "error", message)
    }

    pub(crate) fn interrupted() -> Self {
        Self::new(INTERRUPTED, "interrupted", "interrupted")
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        use ErrorKind as Kind;
        let (code, help) = match error.kind() {
            Kind::InvalidKey | Kind::InvalidConfig | Kind::InvalidCursor => (2, None),
            Kind::NotFound => (
                3,
                Some(
                    "`s3aads databases` and `s3aads tables` list what is there; `s3aads create` makes a database",
                ),
            ),
            Kind::AlreadyExists => (4, Some("`--overwrite` writes over it")),
            Kind::Conflict => (4, Some("read the row again and repeat the change")),
            Kind::BudgetExceeded => (5, Some("a larger `--budget`, or `--yes`, lets it go on")),
            Kind::PermissionDenied => (
                6,
                Some("check which credentials are set, and what they allow on this bucket"),
            ),
            Kind::Unavailable => (
                7,
                Some("try again later; check the endpoint and the network"),
            ),
            Kind::Indeterminate => (7, Some("read the row before you write it again")),
            Kind::SchemaMismatch => (8, Some("`s3aads schema` prints how the table is stored")),
            _ => (8, None),
        };
        let failure = Self::new(code, &error.kind().to_string(), format!("{error:#}"));
        match help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Who reads the output has seen enough.
            io::ErrorKind::BrokenPipe => Self::new(0, "closed", ""),
            _ => Self::other(error.to_string()),
        }
    }
}
