//! Progress of long work, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// A bar for so many steps, or a spinner if nobody knows how many.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(output: &Output, what: &str, steps: Option<u64>) -> Self {
        let target = if output.shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(steps, target).with_message(what.to_owned());
        let template = match steps {
            Some(_) => "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}",
            None => "{spinner} {msg} {human_pos} {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if output.shows_progress() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    pub(crate) fn step(&self) {
        self.0.inc(1);
    }

    pub(crate) fn at(&self, position: u64) {
        self.0.set_position(position);
    }

    /// Says something above the bar.
    pub(crate) fn above(&self, say: impl FnOnce()) {
        self.0.suspend(say);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
