//! Which requests are broken, and how.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::RequestClass;

/// What is done to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Answers with this status and S3 error code; the server never hears of it.
    Respond {
        /// The HTTP status.
        status: u16,
        /// What `<Code>` says.
        code: String,
    },
    /// Refuses the connection.
    Refuse,
    /// Lets the server carry it out, then resets the connection before the answer.
    ApplyThenReset,
    /// Lets the server carry it out, then times out.
    ApplyThenTimeout,
    /// Lets the server carry it out, then answers so.
    ApplyThenRespond {
        /// The HTTP status.
        status: u16,
        /// What `<Code>` says.
        code: String,
    },
    /// Times out at once, and lets the request arrive at [`Faults::release`](super::Faults::release).
    Hold,
    /// Waits before it sends.
    Delay(Duration),
    /// Breaks the connection after so many bytes of the answer's body.
    CutBody(usize),
    /// Flips this bit of the answer's body.
    FlipBit(usize),
    /// Answers a LIST with the page before, once more. Does nothing to a listing's first page.
    RepeatPage,
    /// Drops `start-after` from a LIST, as servers do that don't know it.
    IgnoreStartAfter,
    /// Drops `If-Match` and `If-None-Match`, as servers do that don't know them.
    IgnoreConditions,
    /// Fails the keys of a bulk delete that contain this text, and deletes the others.
    FailDeletes {
        /// What the keys contain.
        containing: String,
        /// What `<Code>` says.
        code: String,
    },
}

impl Action {
    /// [`Action::Respond`].
    pub fn respond(status: u16, code: impl Into<String>) -> Self {
        let code = code.into();
        Self::Respond { status, code }
    }

    /// [`Action::ApplyThenRespond`].
    pub fn apply_then_respond(status: u16, code: impl Into<String>) -> Self {
        let code = code.into();
        Self::ApplyThenRespond { status, code }
    }

    /// The answer to a session token that has run out.
    pub fn expire_credentials() -> Self {
        Self::respond(403, "ExpiredToken")
    }

    /// The answer to a client whose clock is off.
    pub fn skew_clock() -> Self {
        Self::respond(403, "RequestTimeTooSkewed")
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Respond { status, code } => write!(f, "answered {status} {code}"),
            Self::Refuse => f.write_str("refused the connection"),
            Self::ApplyThenReset => f.write_str("applied, then reset"),
            Self::ApplyThenTimeout => f.write_str("applied, then timed out"),
            Self::ApplyThenRespond { status, code } => {
                write!(f, "applied, then answered {status} {code}")
            }
            Self::Hold => f.write_str("held back"),
            Self::Delay(delay) => write!(f, "delayed by {delay:?}"),
            Self::CutBody(after) => write!(f, "cut the body after {after} bytes"),
            Self::FlipBit(bit) => write!(f, "flipped bit {bit} of the body"),
            Self::RepeatPage => f.write_str("repeated the page before"),
            Self::IgnoreStartAfter => f.write_str("ignored start-after"),
            Self::IgnoreConditions => f.write_str("ignored the conditions"),
            Self::FailDeletes { containing, code } => {
                write!(f, "failed deletes of keys with {containing:?} by {code}")
            }
        }
    }
}

/// An action and the requests that it is done to; all of them, unless narrowed.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Rule {
    pub(super) action: Action,
    class: Option<RequestClass>,
    key: Option<String>,
    skip: u64,
    times: Option<u64>,
    probability: Option<f64>,
}

impl Rule {
    /// A rule for every request.
    pub fn new(action: Action) -> Self {
        Self {
            action,
            class: None,
            key: None,
            skip: 0,
            times: None,
            probability: None,
        }
    }

    /// Only requests of this class.
    pub fn class(mut self, class: RequestClass) -> Self {
        self.class = Some(class);
        self
    }

    /// Only requests whose key, or prefix for a LIST, contains `text`. It is looked for in the
    /// decoded path and query.
    pub fn key(mut self, text: impl Into<String>) -> Self {
        self.key = Some(text.into());
        self
    }

    /// Only the `n`th request that the rule picks, counted from 1.
    pub fn nth(self, n: u64) -> Self {
        self.after(n.saturating_sub(1)).times(1)
    }

    /// Not the first `n` requests that the rule picks.
    pub fn after(mut self, n: u64) -> Self {
        self.skip = n;
        self
    }

    /// At most `n` times.
    pub fn times(mut self, n: u64) -> Self {
        self.times = Some(n);
        self
    }

    /// Each request with this probability, from 0 to 1. Chance hangs on the seed, the request
    /// and how often the same one was sent before, not on what else is under way.
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }
}

/// A rule and what it has met so far.
pub(super) struct Counted {
    rule: Rule,
    matched: u64,
    done: u64,
}

impl From<Rule> for Counted {
    fn from(rule: Rule) -> Self {
        Self {
            rule,
            matched: 0,
            done: 0,
        }
    }
}

/// One request, as far as rules look at it.
pub(super) struct Subject<'a> {
    pub(super) class: RequestClass,
    /// Path and query, decoded.
    pub(super) text: &'a str,
    /// How often the same request was sent before.
    pub(super) earlier: u64,
    pub(super) seed: u64,
}

impl Counted {
    pub(super) fn repeats_pages(&self) -> bool {
        self.rule.action == Action::RepeatPage
    }

    /// The action for this request, if the rule picks it.
    pub(super) fn pick(&mut self, index: usize, subject: &Subject<'_>) -> Option<Action> {
        let rule = &self.rule;
        if rule.class.is_some_and(|class| class != subject.class)
            || (rule.key.as_ref()).is_some_and(|key| !subject.text.contains(key.as_str()))
            || rule
                .probability
                .is_some_and(|p| chance(index, subject) >= p)
        {
            return None;
        }
        self.matched += 1;
        if self.matched <= rule.skip || rule.times.is_some_and(|times| self.done >= times) {
            return None;
        }
        self.done += 1;
        Some(rule.action.clone())
    }
}

fn chance(index: usize, subject: &Subject<'_>) -> f64 {
    let mut hasher = DefaultHasher::new();
    (
        subject.seed,
        index,
        subject.class,
        subject.text,
        subject.earlier,
    )
        .hash(&mut hasher);
    fastrand::Rng::with_seed(hasher.finish()).f64()
}
