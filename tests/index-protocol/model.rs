//! The model: processes that send one request after another, and what may happen to a request.

use stateright::{Model, Property};

use crate::builder::Builder;
use crate::reader::Reader;
use crate::repair::{is_clean, is_complete, repair};
use crate::rules::{Fault, Rules};
use crate::store::{
    Answer, Claim, Entry, Id, Ids, If, KEYS, Key, Request, Row, Store, VALUES, Value,
};
use crate::sweeper::Sweeper;
use crate::writer::{IDS, Operation, Outcome, Writer};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Process {
    Writer(Writer),
    Reader(Reader),
    Sweeper(Sweeper),
    Builder(Builder),
    /// Is done, or died.
    Ended,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    store: Store,
    processes: Vec<Process>,
    /// What was sent by who got no answer, and may still land.
    late: Vec<Request>,
    /// How many requests may still get no answer.
    losses: u8,
    /// How many processes may still die.
    crashes: u8,
    /// The ids of writes of which it was said that they are not applied.
    refused: Ids,
    /// It was said of a write that it was applied, and it was not.
    lied: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    /// A request is carried out and answered. The number tells a process's choices apart.
    Send(usize, u8, Request),
    /// It gets no answer, and may land late.
    Lose(usize, u8, Request),
    /// The process dies before it is sent.
    Crash(usize),
    /// The process dies and it may land late.
    CrashSending(usize, u8, Request),
    Land(Request),
    /// It may no longer land.
    Expire(Request),
}

/// What is checked, how far.
#[derive(Debug, Clone)]
pub(crate) struct Protocol {
    pub rules: Rules,
    /// What each writer may do: one of these.
    pub operations: Vec<Vec<Operation>>,
    /// The rows that there may be at first: one of these.
    pub rows: Vec<[Option<Value>; KEYS]>,
    /// A reader looks for this value.
    pub reader: Option<Value>,
    /// How many leftovers a sweeper looks for.
    pub sweeps: u8,
    /// The index is built meanwhile: the rows that there are at first have no entries.
    pub builds: bool,
    pub losses: u8,
    pub crashes: u8,
}

impl Protocol {
    fn start(&self, rows: [Option<Value>; KEYS], operations: &[Operation]) -> State {
        let mut store = Store::default();
        for (key, value) in (0..).zip(rows) {
            let Some(value) = value else { continue };
            let version = key + 1;
            let g = if self.builds { 0 } else { version };
            store.rows[usize::from(key)] = Some(Row { value, version, g });
            if self.rules.unique {
                store.claims[usize::from(value)] = Some(Claim::Held {
                    key,
                    g,
                    create: true,
                    earlier: Ids::default(),
                    older: Ids::default(),
                });
            } else if !self.builds {
                store.entries.insert(Entry { value, key, g });
            }
        }
        let mut next: Id = KEYS as Id + 1;
        let mut processes = Vec::new();
        for operation in operations {
            let writer = Writer::new(*operation, next, &self.rules);
            processes.push(Process::Writer(writer));
            next += IDS;
        }
        processes.extend(self.reader.map(Reader::new).map(Process::Reader));
        if self.sweeps > 0 {
            processes.push(Process::Sweeper(Sweeper::new(self.sweeps, next)));
        }
        if self.builds {
            processes.push(Process::Builder(Builder::new()));
        }
        State {
            store,
            processes,
            late: Vec::new(),
            losses: self.losses,
            crashes: self.crashes,
            refused: Ids::default(),
            lied: false,
        }
    }

    /// What a process may send next.
    fn requests(&self, state: &State, process: usize) -> Vec<(Process, Request)> {
        match &state.processes[process] {
            this @ Process::Writer(writer) => {
                let request = writer.request(&self.rules);
                request.map(|r| (this.clone(), r)).into_iter().collect()
            }
            this @ Process::Reader(reader) => {
                let requests = reader.requests(&self.rules).into_iter();
                requests.map(|r| (this.clone(), r)).collect()
            }
            Process::Sweeper(sweeper) => sweeper
                .requests(&state.store, state.pending(), &self.rules)
                .into_iter()
                .map(|(sweeper, r)| (Process::Sweeper(sweeper), r))
                .collect(),
            this @ Process::Builder(builder) => {
                let request = builder.request();
                request.map(|r| (this.clone(), r)).into_iter().collect()
            }
            Process::Ended => Vec::new(),
        }
    }

    /// Hands an answer to a process.
    fn answer(&self, state: &mut State, process: usize, request: Request, answer: Answer) {
        let (pending, committed) = (state.pending(), state.store.committed);
        let having = state.reader_value().map_or(0, |v| state.store.having(v));
        match &mut state.processes[process] {
            Process::Writer(writer) => writer.answer(answer, committed, pending, &self.rules),
            Process::Reader(reader) => reader.answer(request, answer, having, &self.rules),
            Process::Sweeper(sweeper) => sweeper.answer(answer),
            Process::Builder(builder) => builder.answer(answer),
            Process::Ended => {}
        }
        let ended = match &state.processes[process] {
            Process::Writer(writer) => match writer.outcome() {
                Some(Outcome::Refused) => {
                    state.refused = state.refused.and(writer.versions);
                    true
                }
                Some(Outcome::Applied) => {
                    let writes = writer.operation.value().is_some();
                    state.lied |= writes && !committed.meets(writer.versions);
                    true
                }
                Some(Outcome::Indeterminate) => true,
                None => false,
            },
            Process::Reader(reader) => reader.is_done() && reader.is_right(),
            Process::Sweeper(sweeper) => sweeper.is_done(),
            Process::Builder(builder) => builder.is_done(),
            Process::Ended => false,
        };
        if ended {
            state.processes[process] = Process::Ended;
        }
    }
}

impl State {
    /// The ids that a row may still get. What is not among them is older than any writer that has not given up
    /// and any request that is still valid.
    fn pending(&self) -> Ids {
        let late = self.late.iter().filter_map(|request| match request {
            Request::PutRow(_, row, _) if row.version == row.g => Some(Ids::of(row.g)),
            _ => None,
        });
        let writers = self.processes.iter().filter_map(|process| match process {
            Process::Writer(writer) => Some(writer.pending()),
            _ => None,
        });
        late.chain(writers).fold(Ids::default(), Ids::and)
    }

    fn reader_value(&self) -> Option<Value> {
        self.processes.iter().find_map(|process| match process {
            Process::Reader(reader) => Some(reader.value()),
            _ => None,
        })
    }

    /// Shows the rows to who must know which ones are there throughout.
    fn observe(&mut self) {
        let Some(value) = self.reader_value() else {
            return;
        };
        let having = self.store.having(value);
        for process in &mut self.processes {
            if let Process::Reader(reader) = process {
                reader.observe(having);
            }
        }
    }

    fn is_built(&self) -> bool {
        let building = |process: &Process| matches!(process, Process::Builder(_));
        !self.processes.iter().any(building)
    }

    fn forget(&mut self, request: Request) {
        if let Some(at) = self.late.iter().position(|late| *late == request) {
            self.late.remove(at);
        }
    }

    /// Forgets requests whose condition can't hold any more, since a version never comes back.
    fn prune(&mut self, rules: &Rules) {
        if rules.has(Fault::VersionWithoutId) {
            return;
        }
        let store = &self.store;
        self.late.retain(|request| match request {
            Request::PutRow(key, _, If::Version(version))
            | Request::DeleteRow(key, If::Version(version)) => {
                store.row(*key).map(|row| row.version) == Some(*version)
            }
            _ => true,
        });
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut writers: Vec<Vec<Operation>> = vec![Vec::new()];
        for choices in &self.operations {
            let longer = writers.iter().flat_map(|chosen| {
                choices.iter().map(|operation| {
                    let mut chosen = chosen.clone();
                    chosen.push(*operation);
                    chosen
                })
            });
            writers = longer.collect();
        }
        // Writers that may do the same are alike.
        if self.operations.windows(2).all(|pair| pair[0] == pair[1]) {
            writers.retain(|chosen| chosen.is_sorted());
        }
        let starts = self.rows.iter().flat_map(|rows| {
            let start = |operations: &Vec<Operation>| self.start(*rows, operations);
            writers.iter().map(start)
        });
        starts.collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for process in 0..state.processes.len() {
            let requests = self.requests(state, process);
            // To the others a reader that died is one that waits, and so is a backfill: it is resumed.
            let dies = matches!(
                state.processes[process],
                Process::Writer(_) | Process::Sweeper(_)
            );
            if !requests.is_empty() && dies && state.crashes > 0 {
                actions.push(Action::Crash(process));
            }
            for (choice, (_, request)) in (0..).zip(requests) {
                actions.push(Action::Send(process, choice, request));
                if request.writes() && state.losses > 0 {
                    actions.push(Action::Lose(process, choice, request));
                }
                if request.writes() && dies && state.crashes > 0 {
                    actions.push(Action::CrashSending(process, choice, request));
                }
            }
        }
        for request in &state.late {
            actions.push(Action::Land(*request));
            if matches!(request, Request::PutRow(..)) {
                actions.push(Action::Expire(*request));
            }
        }
    }

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        match action {
            Action::Send(process, choice, _)
            | Action::Lose(process, choice, _)
            | Action::CrashSending(process, choice, _) => {
                let mut requests = self.requests(before, process);
                let (chosen, request) = requests.swap_remove(usize::from(choice));
                state.processes[process] = chosen;
                let answer = match action {
                    Action::Send(..) => state.store.apply(request),
                    _ => {
                        state.late.push(request);
                        state.late.sort_unstable();
                        Answer::Nothing
                    }
                };
                match action {
                    Action::Lose(..) => state.losses -= 1,
                    Action::CrashSending(..) => {
                        state.crashes -= 1;
                        state.processes[process] = Process::Ended;
                    }
                    _ => state.observe(),
                }
                self.answer(&mut state, process, request, answer);
            }
            Action::Crash(process) => {
                state.crashes -= 1;
                state.processes[process] = Process::Ended;
            }
            Action::Land(request) => {
                state.forget(request);
                state.store.apply(request);
                state.observe();
            }
            Action::Expire(request) => state.forget(request),
        }
        state.prune(&self.rules);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(COMPLETE, |model: &Self, state: &State| {
                !state.is_built() || is_complete(&state.store, &model.rules, false)
            }),
            Property::always(UNIQUE, |model: &Self, state: &State| {
                let several = |value| state.store.having(value).count_ones() > 1;
                !model.rules.unique || !(0..VALUES as Value).any(several)
            }),
            Property::always(READ, |_: &Self, state: &State| {
                let right = |process: &Process| match process {
                    Process::Reader(reader) => reader.is_right(),
                    _ => true,
                };
                state.processes.iter().all(right)
            }),
            Property::always(TOLD, |_: &Self, state: &State| {
                !state.lied && !state.refused.meets(state.store.committed)
            }),
            Property::always(REPAIRED, |model: &Self, state: &State| {
                let repaired = repair(&state.store, &model.rules);
                repaired.rows == state.store.rows && is_clean(&repaired, &model.rules)
            }),
        ]
    }
}

pub(crate) const COMPLETE: &str =
    "a committed row has its entry, or its value is claimed for its key";
pub(crate) const UNIQUE: &str = "no two committed rows have one unique value";
pub(crate) const READ: &str =
    "a reader gives each row that has the value throughout once, and none that has it not";
pub(crate) const TOLD: &str = "what is told of a write is true";
pub(crate) const REPAIRED: &str = "whatever died where, repair reaches the clean state";

/// Any operation with these keys and values.
pub(crate) fn operations() -> Vec<Operation> {
    let keys = 0..KEYS as Key;
    let values = 0..VALUES as Value;
    let mut all: Vec<Operation> = keys.clone().map(Operation::Delete).collect();
    for key in keys {
        for value in values.clone() {
            all.extend([
                Operation::Insert(key, value),
                Operation::Upsert(key, value),
                Operation::Update(key, value),
            ]);
        }
    }
    all.sort_unstable();
    all
}
