//! The protocol of indexes, checked in every order in which its requests may be carried out.
//!
//! Writers, a reader, a sweeper and a backfill send one request after another (`writer.rs` and so
//! on) to a store of two keys and two values. Any request may get no answer and then land at any time
//! or never, and any process may die before or after it sends one. The checker goes through all
//! of it. `docs/decisions.md` says what it taught; each [`Fault`] is a variant that it refutes.

mod builder;
mod model;
mod reader;
mod repair;
mod rules;
mod store;
mod sweeper;
mod writer;

use model::{Action, COMPLETE, Protocol, READ, State, UNIQUE, operations};
use rules::{Fault, Rules};
use stateright::{Checker, HasDiscoveries, Model, Path};
use store::{KEYS, Value};
use writer::Operation::{self, Delete, Insert, Update};

/// If it is set, the bounds are larger: some six minutes on two cores.
const LONG: &str = "S3AADS_INDEX_PROTOCOL_LONG";

type Rows = [Option<Value>; KEYS];

/// All tables of two rows but for those that differ in which value is which.
const TABLES: [Rows; 4] = [
    [None, None],
    [Some(0), None],
    [None, Some(0)],
    [Some(0), Some(1)],
];

fn is_long() -> bool {
    std::env::var_os(LONG).is_some()
}

/// Two writers that may do anything, and one request without an answer.
fn two_writers(rules: Rules) -> Protocol {
    Protocol {
        rules,
        operations: vec![operations(); 2],
        rows: TABLES.to_vec(),
        reader: None,
        sweeps: 0,
        builds: false,
        losses: 1,
        crashes: 0,
    }
}

fn reading(rules: Rules) -> Protocol {
    Protocol {
        reader: Some(0),
        ..two_writers(rules)
    }
}

fn sweeping(rules: Rules) -> Protocol {
    Protocol {
        sweeps: 1,
        crashes: 1,
        ..two_writers(rules)
    }
}

fn building() -> Protocol {
    Protocol {
        builds: true,
        rows: vec![[Some(0), None], [Some(0), Some(1)], [Some(0), Some(0)]],
        ..two_writers(Rules::index())
    }
}

/// Three writers that compete for what two would not come to: a value that is used again at once.
fn three_writers(rules: Rules) -> Protocol {
    let chosen = vec![
        Insert(0, 0),
        Insert(1, 0),
        Update(0, 0),
        Update(0, 1),
        Delete(0),
    ];
    Protocol {
        operations: vec![chosen; 3],
        rows: vec![[None, None], [Some(1), None], [Some(0), None]],
        ..two_writers(rules)
    }
}

fn holds(name: &str, protocol: Protocol) {
    let checker = protocol.checker().threads(2).spawn_bfs().join();
    let (unique, all) = (checker.unique_state_count(), checker.state_count());
    println!("{name}: {unique} states, reached {all} times");
    if let Some((property, path)) = checker.discoveries().into_iter().next() {
        panic!("{name}: not so: {property}{}", steps(path));
    }
}

/// How it comes to that, and what is there then.
fn steps(path: Path<State, Action>) -> String {
    let end = format!("\n{:?}\n", path.last_state());
    let actions = path.into_actions().into_iter();
    actions
        .map(|action| format!("\n  {action:?}"))
        .collect::<String>()
        + &end
}

#[test]
fn readers_see_what_is_there() {
    holds("reader of an index", reading(Rules::index()));
    holds("reader of a unique index", reading(Rules::unique()));
}

#[test]
fn entries_are_never_missing() {
    holds("index", sweeping(Rules::index()));
    let plain = Rules::index().without_conditional_deletes();
    holds("index, plain deletes", two_writers(plain));
    holds("build", building());
}

#[test]
fn values_are_unique() {
    holds("unique", sweeping(Rules::unique()));
    let tombstones = Rules::unique().without_conditional_deletes();
    holds("unique, tombstones", two_writers(tombstones));
}

#[test]
fn larger_bounds() {
    if !is_long() {
        println!("skipped: set {LONG}");
        return;
    }
    for (name, rules) in [("index", Rules::index()), ("unique", Rules::unique())] {
        for (deletes, rules) in [
            ("", rules),
            (", plain deletes", rules.without_conditional_deletes()),
        ] {
            let name = format!("{name}{deletes}");
            let two_losses = Protocol {
                losses: 2,
                ..two_writers(rules)
            };
            holds(&format!("{name}, two lost answers"), two_losses);
            let all = Protocol {
                reader: Some(0),
                ..sweeping(rules)
            };
            holds(&format!("{name}, reader and sweep"), all);
            holds(&format!("{name}, three writers"), three_writers(rules));
        }
    }
}

/// The checker must find that this is wrong.
fn refuted(property: &'static str, fault: Fault, protocol: Protocol) {
    let rules = protocol.rules.with(fault);
    let checker = Protocol { rules, ..protocol }
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyOf([property].into()))
        .spawn_bfs()
        .join();
    let states = checker.unique_state_count();
    let found = checker.discovery(property);
    let path = found.unwrap_or_else(|| panic!("{fault:?}: not found in {states} states"));
    println!("{fault:?}: {states} states{}", steps(path));
}

/// Writers that do just this, one each.
fn doing(operations: &[Operation], rows: Rows, protocol: Protocol) -> Protocol {
    Protocol {
        operations: operations
            .iter()
            .map(|operation| vec![*operation])
            .collect(),
        rows: vec![rows],
        ..protocol
    }
}

#[test]
fn faults_of_entries_are_found() {
    let index = Rules::index();
    refuted(COMPLETE, Fault::EntryAfterRow, two_writers(index));
    refuted(COMPLETE, Fault::EntryRemovedByValue, two_writers(index));
    refuted(COMPLETE, Fault::CreateSentAgain, two_writers(index));
    refuted(COMPLETE, Fault::BlindUpsert, two_writers(index));
    refuted(COMPLETE, Fault::SweepWithoutWaiting, sweeping(index));
    refuted(READ, Fault::EntryBelieved, reading(index));
    refuted(READ, Fault::EntryCounted, reading(index));
}

#[test]
fn faults_of_claims_are_found() {
    let unique = Rules::unique();
    refuted(UNIQUE, Fault::TakeoverWithoutTouch, two_writers(unique));
    refuted(UNIQUE, Fault::TakeoverWithoutWaiting, two_writers(unique));
    refuted(COMPLETE, Fault::SharedClaimFreed, two_writers(unique));
    refuted(COMPLETE, Fault::ClaimKept, two_writers(unique));
    refuted(COMPLETE, Fault::ClaimFreedByKey, two_writers(unique));
    refuted(COMPLETE, Fault::SweepWithoutWaiting, sweeping(unique));
    refuted(COMPLETE, Fault::EarlierForgotten, three_writers(unique));
    // Who was shut out is let in again: a third writer takes the mark of the touch away.
    let shut_out = doing(
        &[Update(0, 1), Insert(1, 1), Update(0, 0)],
        [Some(0), None],
        two_writers(unique),
    );
    refuted(UNIQUE, Fault::VersionWithoutId, shut_out);
}
