//! One LIST request, sent again where the store asks for time.

use std::time::Duration;

use super::{Report, Target};
use crate::error::Error;
use crate::fault::store_error;
use crate::store::{ListPage, ListRequest, is_unavailable};

/// How often a page is asked for before the scan gives up.
const ATTEMPTS: u32 = 5;

/// The first pause; each one after it is twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// One page, and whether the store asked to be left alone on the way to it.
pub(super) async fn list(
    target: &Target,
    report: &Report,
    request: &ListRequest,
) -> Result<(ListPage, bool), Error> {
    let mut attempt = 1;
    loop {
        let error = match target.backend.list(request.clone(), &target.meter).await {
            Ok(page) => {
                report.saw_page(page.objects.len() + page.prefixes.len());
                return Ok((page, attempt > 1));
            }
            Err(error) => error,
        };
        if !is_unavailable(&error) || attempt == ATTEMPTS {
            return Err(store_error(error, "list the table")
                .in_database(&target.database)
                .in_table(target.schema.table()));
        }
        let pause = PAUSE * 2u32.pow(attempt - 1);
        // Between half of it and all of it, so that workers which failed together do not come
        // back together.
        tokio::time::sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        attempt += 1;
    }
}
