//! An S3 server that this repository has no hand in: what all of them have in common.

use async_trait::async_trait;
use s3aads::{Database, Server};

use super::lacks::{Capability, Lacks};
use super::real::variable;
use super::{Backing, Signed};

#[derive(Debug)]
struct S3 {
    name: &'static str,
    lacks: Lacks,
    client: Server,
    signed: Signed,
}

/// The server of this name that the environment tells how to reach.
pub(super) fn start(name: &'static str, lacks: Lacks) -> Box<dyn Backing> {
    let signed = Signed {
        endpoint: variable("S3AADS_TEST_ENDPOINT"),
        region: variable("S3AADS_TEST_REGION"),
        key_id: variable("S3AADS_TEST_ACCESS_KEY_ID"),
        secret: variable("S3AADS_TEST_SECRET_ACCESS_KEY"),
    };
    let client = signed.client();
    Box::new(S3 {
        name,
        lacks,
        client,
        signed,
    })
}

#[async_trait]
impl Backing for S3 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn lacks(&self) -> Lacks {
        self.lacks
    }

    fn is_real(&self) -> bool {
        true
    }

    fn database_at(&self, name: &str, prefix: &str) -> Database {
        let db = self.client.database_at(name, prefix);
        db.expect("a database's name")
    }

    fn server(&self) -> Option<&Server> {
        Some(&self.client)
    }

    fn signed(&self) -> Option<&Signed> {
        Some(&self.signed)
    }

    async fn plant(&self, database: &str, key: &str, body: &'static [u8]) -> bool {
        let odd = key.split('/').any(|part| matches!(part, "." | ".."));
        let lines = self
            .lacks
            .iter()
            .any(|(lack, _)| *lack == Capability::LineBreaksInKeys);
        if odd || (lines && key.contains('\n')) {
            return false;
        }
        self.signed.put(database, key, body).await;
        true
    }

    async fn tag(&self, database: &str, key: &str) -> Option<(String, String)> {
        let path = format!("{database}/{key}?tagging=");
        let (_, answer) = self.signed.send(http::Method::GET, &path, b"").await;
        let text = |name: &str| {
            let (_, rest) = answer.split_once(&format!("<{name}>"))?;
            Some(rest.split_once('<')?.0.replace("&amp;", "&"))
        };
        Some((text("Key")?, text("Value")?))
    }

    async fn remove(&self, databases: &[String]) {
        let there = self.client.list_databases().await.unwrap_or_default();
        for bucket in databases.iter().filter(|bucket| there.contains(bucket)) {
            self.signed.remove_bucket(bucket).await;
        }
    }
}
