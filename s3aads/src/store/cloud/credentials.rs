//! Where credentials come from, and what is said if there are none.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::{CredentialProvider, Error, Result};

/// A token service that is there answers at once; one that isn't must not hang a program.
const FETCH_PATIENCE: Duration = Duration::from_secs(4);

/// Bounds how long another provider may take.
pub(super) struct Bounded<C> {
    inner: Arc<dyn CredentialProvider<Credential = C>>,
    /// Whose they are: `Azure`.
    whose: &'static str,
}

impl<C: Send + Sync + 'static> Bounded<C> {
    pub(super) fn wrap(
        inner: &Arc<dyn CredentialProvider<Credential = C>>,
        whose: &'static str,
    ) -> Arc<dyn CredentialProvider<Credential = C>> {
        let inner = Arc::clone(inner);
        Arc::new(Self { inner, whose })
    }
}

impl<C> fmt::Debug for Bounded<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.whose)
    }
}

#[async_trait]
impl<C: Send + Sync> CredentialProvider for Bounded<C> {
    type Credential = C;

    async fn get_credential(&self) -> Result<Arc<C>> {
        let fetched = tokio::time::timeout(FETCH_PATIENCE, self.inner.get_credential()).await;
        let why = match fetched {
            Ok(Ok(credential)) => return Ok(credential),
            Ok(Err(error)) => format!("no {} credentials: {error}", self.whose),
            Err(_) => format!(
                "no {} credentials within {} seconds",
                self.whose,
                FETCH_PATIENCE.as_secs()
            ),
        };
        Err(Error::Unauthenticated {
            path: String::new(),
            source: why.into(),
        })
    }
}

/// Whether one of these environment variables is set, or the machine's firmware names this text.
pub(super) fn runs_on(variables: &[&str], firmware: &str, text: &str) -> bool {
    let set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    variables.iter().any(set)
        || std::fs::read_to_string(firmware).is_ok_and(|found| found.contains(text))
}
