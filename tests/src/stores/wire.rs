//! The S3 server of this crate, one for each test.

use async_trait::async_trait;
use bytes::Bytes;
use s3aads::{Database, Server};

use super::{Backing, Signed};
use crate::server;

#[derive(Debug)]
struct Wire {
    wire: server::Server,
    client: Server,
    signed: Signed,
}

/// A fresh one.
pub(super) fn start() -> Box<dyn Backing> {
    let wire = server::Server::start();
    let signed = Signed::of_wire(&wire);
    // What it honours is known, so that it need not be found out.
    let options = signed
        .options()
        .conditional_put(s3aads::ConditionalPut::ETag);
    let client = options.build().expect("the settings are complete");
    Box::new(Wire {
        wire,
        client,
        signed,
    })
}

#[async_trait]
impl Backing for Wire {
    fn name(&self) -> &'static str {
        "wire"
    }

    fn database_at(&self, name: &str, prefix: &str) -> Database {
        let db = self.client.database_at(name, prefix);
        db.expect("a database's name")
    }

    fn server(&self) -> Option<&Server> {
        Some(&self.client)
    }

    fn wire(&self) -> Option<&server::Server> {
        Some(&self.wire)
    }

    fn signed(&self) -> Option<&Signed> {
        Some(&self.signed)
    }

    async fn plant(&self, database: &str, key: &str, body: &'static [u8]) -> bool {
        self.wire.put_raw(database, key, Bytes::from_static(body));
        true
    }

    async fn tag(&self, database: &str, key: &str) -> Option<(String, String)> {
        let encoded = self.wire.object(database, key)?.attributes.tags?;
        let (name, value) = url::form_urlencoded::parse(encoded.as_bytes()).next()?;
        Some((name.into_owned(), value.into_owned()))
    }
}
