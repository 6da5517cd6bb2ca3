//! What every error of the library is held to.

use std::error::Error as _;

use s3aads::Error;

/// Asserts that an error says in one line what happened and why, and nothing twice.
#[track_caller]
pub fn assert_told_well(error: &Error) {
    let said = error.to_string();
    assert!(!said.contains('\n'), "more than one line: {said}");
    let first = said.chars().next();
    assert!(
        first.is_some_and(|c| !c.is_uppercase()),
        "not in lower case: {said}"
    );
    assert!(!said.ends_with('.'), "a full stop: {said}");
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    // `{:#}` is the line and its causes, and a chain repeats no part of itself.
    let chain = format!("{error:#}");
    assert_eq!(
        chain,
        [vec![said.clone()], causes.clone()].concat().join(": ")
    );
    for (i, cause) in causes.iter().enumerate() {
        assert!(!cause.is_empty(), "an empty cause: {chain}");
        let others = causes.iter().enumerate().filter(|(j, _)| *j != i);
        let mut told = others.map(|(_, other)| other).chain([&said]);
        assert!(
            !told.any(|told| told.contains(cause.as_str())),
            "told twice: {chain:?}"
        );
    }
}
