//! How a query reads its rows' keys.

use std::sync::Arc;

use crate::error::Result;
use crate::key::{TableKey, read_key, read_texts};
use crate::scan::Decode;

/// Reads the key that the columns' stored texts are.
type OfTexts<K> = Arc<dyn Fn(&[&str]) -> Result<K> + Send + Sync>;

/// Reads keys from paths, and from the texts of their columns.
pub(crate) struct ReadKey<K> {
    pub(super) of_path: Decode<K>,
    pub(super) of_texts: OfTexts<K>,
}

impl<K> Clone for ReadKey<K> {
    fn clone(&self) -> Self {
        Self {
            of_path: Arc::clone(&self.of_path),
            of_texts: Arc::clone(&self.of_texts),
        }
    }
}

impl<K> ReadKey<K> {
    pub(crate) fn new(
        of_path: impl Fn(&str) -> Result<K> + Send + Sync + 'static,
        of_texts: impl Fn(&[&str]) -> Result<K> + Send + Sync + 'static,
    ) -> Self {
        Self {
            of_path: Arc::new(of_path),
            of_texts: Arc::new(of_texts),
        }
    }
}

impl<K: TableKey> ReadKey<K> {
    /// Keys with types.
    pub(crate) fn typed() -> Self {
        Self::new(read_key::<K>, read_texts::<K>)
    }
}
