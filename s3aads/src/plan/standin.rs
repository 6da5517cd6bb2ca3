#![allow(missing_docs)]
use crate::scan::{Report, Spec, Target};
use crate::store::Usage;
#[derive(Debug, Clone)]
pub struct Explain;
#[derive(Debug, Clone)]
pub struct Analysis;
#[derive(Debug, Clone)]
pub struct Pricing;
impl Explain {
    pub(crate) fn new(_: &Target, _: &Spec) -> Self {
        Self
    }
    pub fn assume_rows(self, _: u64) -> Self {
        self
    }
}
impl std::fmt::Display for Explain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("plan")
    }
}
impl Analysis {
    pub(crate) fn new(_: Explain, _: Usage, _: u64, _: &Report, _: std::time::Duration) -> Self {
        Self
    }
}
