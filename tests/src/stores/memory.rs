//! This process's memory.

use s3aads::{Database, Server};

use super::Backing;
use super::lacks::Lack::Ignored;
use super::lacks::{Capability, Lacks};

#[derive(Debug)]
struct Memory(Server);

/// A fresh one.
pub(super) fn start() -> Box<dyn Backing> {
    Box::new(Memory(Server::memory()))
}

impl Backing for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn lacks(&self) -> Lacks {
        // Nobody is asked for a key.
        &[(Capability::Authentication, Ignored)]
    }

    fn database_at(&self, name: &str, prefix: &str) -> Database {
        let db = self.0.database_at(name, prefix);
        db.expect("a database's name")
    }

    fn server(&self) -> Option<&Server> {
        Some(&self.0)
    }
}
