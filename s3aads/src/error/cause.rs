//! Chains of causes that tell nothing twice.
//!
//! Errors of other crates often print their own source and give it as their source too, so that who
//! prints the chain reads everything twice.

use std::error::Error as StdError;
use std::fmt;

use super::Source;

/// The part of a chain of causes that tells more than `said`; none if there is none. A chain that
/// repeats nothing stays as it is, so that its errors can be downcast.
pub(super) fn beyond(said: &str, source: Source) -> Option<Source> {
    let own: &(dyn StdError + 'static) = &*source;
    let chain = std::iter::successors(Some(own), |&cause| cause.source());
    let all: Vec<String> = chain.map(ToString::to_string).collect();
    let mut new: Vec<&String> = Vec::new();
    for text in &all {
        if !said.contains(text) && !new.iter().any(|told| told.contains(text)) {
            new.push(text);
        }
    }
    if new.len() == all.len() {
        return Some(source);
    }
    let told = new.into_iter().rev().fold(None, |deeper, text| {
        Some(Box::new(Told {
            text: text.clone(),
            deeper,
            whole: None,
        }))
    });
    told.map(|mut told| {
        told.whole = Some(source);
        told as Source
    })
}

/// What a chain of causes tells once, and the chain itself for `Debug`.
struct Told {
    text: String,
    deeper: Option<Box<Self>>,
    whole: Option<Source>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.whole {
            Some(whole) => fmt::Debug::fmt(whole, f),
            None => fmt::Debug::fmt(&self.text, f),
        }
    }
}

impl StdError for Told {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.deeper.as_deref().map(|deeper| deeper as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each text is the source of the one before it.
    #[derive(Debug)]
    struct Chain(Vec<&'static str>, Option<Box<Self>>);

    impl Chain {
        fn new(texts: &[&'static str]) -> Self {
            let rest = texts.get(1..).filter(|rest| !rest.is_empty());
            Self(texts.to_vec(), rest.map(|rest| Box::new(Self::new(rest))))
        }
    }

    impl fmt::Display for Chain {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0[0])
        }
    }

    impl StdError for Chain {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.1.as_deref().map(|next| next as _)
        }
    }

    #[test]
    fn what_was_said_is_left_out() {
        let told = |said: &str, texts: &[&'static str]| {
            let source = beyond(said, Chain::new(texts).into());
            let mut told = Vec::new();
            let mut cause = source
                .as_deref()
                .map(|source| source as &(dyn StdError + 'static));
            while let Some(next) = cause {
                told.push(next.to_string());
                cause = next.source();
            }
            told
        };
        let none: [&str; 0] = [];
        assert_eq!(told("it broke", &["one", "two"]), ["one", "two"]);
        assert_eq!(told("it broke: one", &["one", "two"]), ["two"]);
        assert_eq!(told("it broke: one: two", &["one: two", "two"]), none);
        let repeating = ["one: two", "two", "two", "three"];
        assert_eq!(told("it broke", &repeating), ["one: two", "three"]);
        let whole = beyond("it broke", Chain::new(&["one", "two"]).into()).unwrap();
        assert!(whole.is::<Chain>());
    }
}
