//! moto 5.2.5.

use super::lacks::{Capability, Lack::Ignored};
use super::{Backing, s3};

pub(super) fn start() -> Box<dyn Backing> {
    s3::start(
        "moto",
        &[
            // It looks first and writes then.
            (Capability::AtomicCreates, Ignored),
            (Capability::AtomicUpdates, Ignored),
            (Capability::ConditionalCopies, Ignored),
            (Capability::LineBreaksInKeys, Ignored),
            (Capability::Authentication, Ignored),
        ],
    )
}
