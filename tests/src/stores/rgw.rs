//! Ceph's Object Gateway 16.2.15, Debian's.

use super::lacks::{Capability, Lack::Ignored};
use super::{Backing, s3};

pub(super) fn start() -> Box<dyn Backing> {
    s3::start(
        "rgw",
        &[
            // It honours creates, and updates if the ETag goes without quotes: the library does not find that out yet.
            (Capability::Creates, Ignored),
            (Capability::Updates, Ignored),
            // Kept if a space goes as `%20`, which the library does not send yet.
            (Capability::Tags, Ignored),
            (Capability::ConditionalDeletes, Ignored),
            (Capability::ConditionalCopies, Ignored),
        ],
    )
}
