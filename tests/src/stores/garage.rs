//! Garage 2.5.0.

use super::lacks::{Capability, Lack::Ignored};
use super::{Backing, s3};

pub(super) fn start() -> Box<dyn Backing> {
    s3::start(
        "garage",
        &[
            (Capability::Creates, Ignored),
            (Capability::Updates, Ignored),
            (Capability::ConditionalDeletes, Ignored),
            (Capability::ConditionalCopies, Ignored),
            (Capability::Tags, Ignored),
            (Capability::StorageClasses, Ignored),
        ],
    )
}
