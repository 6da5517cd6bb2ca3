//! Pauses after lost races.

use std::time::Duration;

/// The longest pause after the first lost race; it doubles with each further one.
const FIRST: Duration = Duration::from_millis(5);

/// The longest pause.
const LONGEST: Duration = Duration::from_millis(500);

/// A random pause, so that writers that collided do not collide again.
pub(crate) async fn pause(lost: u32) {
    let longest = FIRST.saturating_mul(1 << lost.min(16)).min(LONGEST);
    tokio::time::sleep(longest.mul_f64(fastrand::f64())).await;
}
