//! What requests cost in money.

use super::{RequestClass, Usage};

/// A store's prices for requests and storage, in US dollars.
///
/// The default is what Amazon lists for S3 Standard in us-east-1. Prices differ by region, class
/// and contract, and change: set the fields to yours.
///
/// ```
/// use s3aads::{Pricing, Usage};
///
/// let mut pricing = Pricing::default();
/// assert_eq!(pricing.list_per_1000, 0.005);
/// pricing.list_per_1000 = 0.0054;
/// assert_eq!(Usage::default().cost(&pricing), 0.0);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Pricing {
    /// What 1,000 PUT, COPY or POST requests cost.
    pub put_per_1000: f64,
    /// What 1,000 LIST requests cost.
    pub list_per_1000: f64,
    /// What 1,000 GET, HEAD and other requests cost.
    pub get_per_1000: f64,
    /// What 1,000 DELETE requests cost.
    pub delete_per_1000: f64,
    /// What a gigabyte (2^30 bytes) costs for a month.
    pub storage_per_gb_month: f64,
    /// When these prices were listed.
    pub as_of: &'static str,
    /// Where they were listed.
    pub source: &'static str,
}

impl Default for Pricing {
    fn default() -> Self {
        Self {
            put_per_1000: 0.005,
            list_per_1000: 0.005,
            get_per_1000: 0.0004,
            delete_per_1000: 0.0,
            storage_per_gb_month: 0.023,
            as_of: "November 2026",
            source: "https://aws.amazon.com/s3/pricing/ (S3 Standard, us-east-1, first 50 TB)",
        }
    }
}

impl Pricing {
    /// What one request costs.
    pub fn request(&self, class: RequestClass) -> f64 {
        let per_1000 = match class {
            RequestClass::Put | RequestClass::Copy | RequestClass::Post => self.put_per_1000,
            RequestClass::List => self.list_per_1000,
            RequestClass::Get | RequestClass::Head => self.get_per_1000,
            RequestClass::Delete => self.delete_per_1000,
        };
        per_1000 / 1000.0
    }

    /// What so many bytes cost for a month.
    pub fn storage(&self, bytes: u64) -> f64 {
        self.storage_per_gb_month * bytes as f64 / f64::from(1 << 30)
    }
}

impl Usage {
    /// What the requests cost, in US dollars.
    pub fn cost(&self, pricing: &Pricing) -> f64 {
        let classes = RequestClass::ALL.iter();
        classes
            .map(|&class| self.get(class) as f64 * pricing.request(class))
            .sum()
    }
}

/// An amount as people read it: as many digits as one GET needs.
pub(crate) fn dollars(amount: f64) -> String {
    let text = format!("{amount:.7}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("${text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Meter;

    #[test]
    fn requests_cost_what_the_list_says() {
        let meter = Meter::default();
        for &class in RequestClass::ALL {
            for _ in 0..1000 {
                assert_eq!(meter.send(class), Ok(()));
            }
        }
        let pricing = Pricing::default();
        let cost = meter.usage().cost(&pricing);
        assert!(
            (cost - (4.0 * 0.005 + 2.0 * 0.0004)).abs() < 1e-12,
            "{cost}"
        );
        assert!((pricing.storage(10 << 30) - 0.23).abs() < 1e-12);
        assert_eq!(dollars(0.000_005), "$0.000005");
        assert_eq!(dollars(0.000_000_4), "$0.0000004");
        assert_eq!(dollars(0.0), "$0");
        assert_eq!(dollars(12.5), "$12.5");
    }
}
