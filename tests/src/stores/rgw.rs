//! Ceph's Object Gateway 16.2.15, Debian's.

use super::lacks::{Capability, Lack::Ignored};
use super::{Backing, s3};

pub(super) fn start() -> Box<dyn Backing> {
    s3::start(
        "rgw",
        &[
            (Capability::ConditionalDeletes, Ignored),
            (Capability::ConditionalCopies, Ignored),
        ],
    )
}
