//! Decides whether what happened to one row is linearizable: whether each call can be given a
//! moment between its begin and its end such that the calls, done at these moments one after
//! another, have the results that were seen.
//!
//! It is the search of Wing and Gong, which tries the orders that the begins and ends allow, with
//! two savings that do not change its answer:
//! - Two orders of the same calls that leave the same state have the same future, so that one of
//!   them is enough (Lowe). The calls of a process follow one another; how many of each process
//!   are done tells which.
//! - A call that changes nothing, has the result that was seen and may come next, comes next. If
//!   some order has it later, then taking it out of there and putting it first is an order too: it
//!   changes no state, what must come before it has been, and what must come after it still does.
//!   This is said of reads and refusals, which change nothing wherever they are put, and not of a
//!   deletion that happens to find nothing.

use std::collections::{BTreeMap, HashSet};

/// What a row holds: the token of the write that it is from.
pub(crate) type State = Option<u64>;

/// What a call was seen to do, if it did it at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It found this.
    Read(State),
    /// It left this, whatever was there: an upsert or a deletion.
    Write(State),
    /// It found the first and left the second: an insert or a modification.
    Swap(State, State),
    /// It found something: a refused insert.
    Taken,
}

impl Step {
    /// What the row holds after the step; none where it can't be done to what the row holds.
    fn after(self, state: State) -> Option<State> {
        match self {
            Self::Read(found) => (found == state).then_some(state),
            Self::Write(left) => Some(left),
            Self::Swap(found, left) => (found == state).then_some(left),
            Self::Taken => state.is_some().then_some(state),
        }
    }

    fn changes_nothing(self) -> bool {
        matches!(self, Self::Read(_) | Self::Taken)
    }
}

/// One call: `begin` is before it was made and `end` after it returned, on a clock that all
/// processes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) process: u32,
    pub(crate) begin: usize,
    pub(crate) end: usize,
    pub(crate) step: Step,
}

/// How far an order of the calls has come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Node {
    /// How many calls of each process are done.
    done: Vec<usize>,
    state: State,
}

/// Whether the calls on a row that held `initial` are linearizable; if not, where the longest order
/// ends.
pub(crate) fn check(initial: State, calls: &[Call]) -> Result<(), String> {
    let mut processes: BTreeMap<u32, Vec<Call>> = BTreeMap::new();
    for call in calls {
        processes.entry(call.process).or_default().push(*call);
    }
    let mut processes: Vec<Vec<Call>> = processes.into_values().collect();
    for calls in &mut processes {
        calls.sort_by_key(|call| call.begin);
        let one_by_one = calls.windows(2).all(|pair| pair[0].end < pair[1].begin);
        assert!(one_by_one, "a process does one thing at a time: {calls:?}");
    }
    let first = Node {
        done: vec![0; processes.len()],
        state: initial,
    };
    let (mut seen, mut open) = (HashSet::from([first.clone()]), vec![first]);
    let (mut longest, mut stuck) = (0, String::new());
    while let Some(mut node) = open.pop() {
        let next = loop {
            let next = node.next(&processes);
            match next.iter().find(|(_, call)| {
                call.step.changes_nothing() && call.step.after(node.state).is_some()
            }) {
                Some((process, _)) => node.done[*process] += 1,
                None => break next,
            }
        };
        let ordered: usize = node.done.iter().sum();
        if ordered == calls.len() {
            return Ok(());
        }
        if ordered >= longest {
            longest = ordered;
            stuck = format!("the row holds {:?} and next is one of {next:?}", node.state);
        }
        for (process, call) in next {
            if let Some(state) = call.step.after(node.state) {
                let mut done = node.done.clone();
                done[process] += 1;
                let then = Node { done, state };
                if seen.insert(then.clone()) {
                    open.push(then);
                }
            }
        }
    }
    Err(format!(
        "{longest} of {} calls can be put in order, then {stuck}",
        calls.len()
    ))
}

impl Node {
    /// The calls that may come next: those that began before any that is left ended.
    fn next(&self, processes: &[Vec<Call>]) -> Vec<(usize, Call)> {
        let left = processes.iter().zip(&self.done).enumerate();
        let left: Vec<(usize, Call)> = left
            .filter_map(|(process, (calls, done))| Some((process, *calls.get(*done)?)))
            .collect();
        // A process's next call ends first of those that it has left.
        let first_end = left.iter().map(|(_, call)| call.end).min();
        left.into_iter()
            .filter(|(_, call)| Some(call.begin) < first_end)
            .collect()
    }
}

mod tests {
    use super::{Call, State, Step, check};
    use Step::{Read, Swap, Taken, Write};

    /// Calls of a process each, given as begin, end and step.
    fn history(calls: &[(usize, usize, Step)]) -> Vec<Call> {
        let numbered = calls.iter().zip(0..);
        numbered
            .map(|(&(begin, end, step), process)| Call {
                process,
                begin,
                end,
                step,
            })
            .collect()
    }

    #[test]
    fn what_could_have_happened_is_accepted() {
        for calls in [
            &[][..],
            &[
                (0, 1, Read(None)),
                (2, 3, Swap(None, Some(1))),
                (4, 5, Read(Some(1))),
            ],
            // All at once: the order is 1, 2, 3, whatever began first.
            &[
                (0, 9, Swap(Some(2), Some(3))),
                (1, 8, Swap(None, Some(1))),
                (2, 7, Swap(Some(1), Some(2))),
            ],
            // A write is seen before it has returned, and then overwritten by an earlier one.
            &[
                (0, 9, Write(Some(1))),
                (1, 2, Write(Some(2))),
                (3, 4, Read(Some(2))),
                (5, 6, Read(Some(1))),
            ],
            // The deletion of nothing must wait until there is something to delete.
            &[
                (0, 9, Write(None)),
                (1, 2, Write(Some(1))),
                (3, 4, Read(None)),
            ],
            &[
                (0, 3, Swap(None, Some(1))),
                (1, 2, Taken),
                (4, 5, Write(None)),
                (6, 7, Read(None)),
            ],
        ] {
            assert_eq!(check(None, &history(calls)), Ok(()), "{calls:?}");
        }
    }

    #[test]
    fn what_could_not_have_happened_is_refused() {
        for (fault, calls) in [
            (
                "a lost update",
                &[
                    (0, 1, Write(Some(1))),
                    (2, 5, Swap(Some(1), Some(2))),
                    (3, 6, Swap(Some(1), Some(3))),
                ][..],
            ),
            (
                "a stale read",
                &[
                    (0, 1, Write(Some(1))),
                    (2, 3, Write(Some(2))),
                    (4, 5, Read(Some(1))),
                ],
            ),
            (
                "a read of what comes later",
                &[(0, 1, Read(Some(1))), (2, 3, Write(Some(1)))],
            ),
            (
                "a read of what nobody wrote",
                &[(0, 1, Write(Some(1))), (2, 3, Read(Some(7)))],
            ),
            (
                "a refused write that took effect",
                &[(0, 1, Write(Some(1))), (2, 3, Swap(Some(9), Some(2)))],
            ),
            (
                "new, then old",
                &[
                    (0, 9, Write(Some(1))),
                    (1, 2, Read(Some(1))),
                    (3, 4, Read(None)),
                ],
            ),
            (
                "two inserts of one row",
                &[(0, 5, Swap(None, Some(1))), (1, 6, Swap(None, Some(2)))],
            ),
            (
                "a resurrected row",
                &[
                    (0, 1, Write(Some(1))),
                    (2, 3, Write(None)),
                    (4, 5, Read(Some(1))),
                ],
            ),
            (
                "a refusal by nothing",
                &[(0, 1, Write(None)), (2, 3, Taken)],
            ),
            (
                "a lost write",
                &[(0, 1, Write(Some(1))), (2, 3, Read(None))],
            ),
        ] {
            assert!(check(None, &history(calls)).is_err(), "{fault}: {calls:?}");
        }
    }

    /// Whether some order of all is allowed by begins and ends and gives the results.
    fn some_order_fits(left: &[Call], state: State) -> bool {
        left.is_empty()
            || left.iter().enumerate().any(|(place, call)| {
                let first = left.iter().all(|other| call.begin < other.end);
                let mut rest = left.to_vec();
                rest.remove(place);
                first
                    && call
                        .step
                        .after(state)
                        .is_some_and(|state| some_order_fits(&rest, state))
            })
    }

    fn random_history(random: &mut fastrand::Rng) -> Vec<Call> {
        let mut open: [Option<(usize, Step)>; 3] = [None; 3];
        let mut calls = Vec::new();
        let length = random.usize(2..8);
        for now in 0.. {
            let process = random.usize(..open.len());
            match open[process].take() {
                Some((begin, step)) => calls.push(Call {
                    process: process as u32,
                    begin,
                    end: now,
                    step,
                }),
                None => {
                    let mut state = || [None, Some(1), Some(2)][random.usize(..3)];
                    let (found, left) = (state(), state());
                    let step =
                        [Read(found), Write(found), Swap(found, left), Taken][random.usize(..4)];
                    open[process] = Some((now, step));
                }
            }
            if calls.len() == length {
                break;
            }
        }
        calls
    }

    #[test]
    fn it_says_what_trying_every_order_says() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut said = [0, 0];
        for _ in 0..20_000 {
            let calls = random_history(&mut random);
            let fits = some_order_fits(&calls, None);
            assert_eq!(check(None, &calls).is_ok(), fits, "{calls:?}");
            said[usize::from(fits)] += 1;
        }
        assert!(
            said.iter().all(|times| *times > 1000),
            "one-sided: {said:?}"
        );
    }
}
