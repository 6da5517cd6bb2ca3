//! Random operations under random faults, against a model.
//!
//! One writer, so what is stored after each operation is exact: what was acknowledged is there, what was refused is not,
//! and what is indeterminate is the one or the other. A run depends on its seed alone; `S3AADS_FAULT_SEED` runs one
//! again, `S3AADS_FAULT_RUNS` runs more of them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use fastrand::Rng;
use s3aads::Versioned;

use crate::*;

const KEYS: u32 = 4;
const OPERATIONS: usize = 60;

/// What a row's object holds.
type State = BTreeMap<u32, String>;

pub(crate) fn random_rule(rng: &mut Rng) -> Rule {
    let action = match rng.u8(0..16) {
        0 => Action::respond(503, "SlowDown"),
        1 => Action::respond(500, "InternalError"),
        2 => Action::respond(503, ""),
        3 => Action::respond(409, "ConditionalRequestConflict"),
        4 => Action::Refuse,
        5 | 6 => Action::ApplyThenReset,
        7 => Action::ApplyThenTimeout,
        8 | 9 => Action::apply_then_respond(500, "InternalError"),
        10 => Action::apply_then_respond(503, ""),
        11 | 12 => Action::Hold,
        13 => Action::CutBody(rng.usize(0..40)),
        // One of the text's: the row would still be JSON.
        14 => Action::FlipBit(rng.usize(9 * 8..12 * 8)),
        _ => Action::RepeatPage,
    };
    let rule = match action {
        // Elsewhere it would be another fault, or none.
        // What flips by chance does not flip the same way twice.
        Action::FlipBit(_) => return once(action, RequestClass::Get),
        Action::RepeatPage => Rule::new(action).class(RequestClass::List),
        _ => Rule::new(action),
    };
    match rng.u8(0..4) {
        // Outlasts the retries.
        0 => rule.probability(0.9),
        _ => rule.probability(0.05 + rng.f64() * 0.4),
    }
}

struct Run {
    seed: u64,
    wire: Wire,
    rng: Rng,
    read: BTreeMap<u32, Versioned<Item>>,
    written: u32,
    history: Vec<String>,
    kinds: BTreeMap<String, u32>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let server = Server::start();
        server.create_bucket(BUCKET);
        let faults = Faults::new(rng.u64(..));
        let db = database(&server, |options| options.http_connector(faults.clone()));
        let items = db.table::<Item>();
        let wire = Wire {
            server,
            faults,
            db,
            items,
        };
        Self {
            seed,
            wire,
            rng,
            read: BTreeMap::new(),
            written: 0,
            history: Vec::new(),
            kinds: BTreeMap::new(),
        }
    }

    fn stored(&self) -> State {
        let state = (0..KEYS).map(|id| Some((id, self.wire.stored(id)?)));
        state.flatten().collect()
    }

    /// No two writes have the same text, so that each is known by its bytes and its ETag.
    fn text(&mut self) -> String {
        self.written += 1;
        format!("v{:06}", self.written)
    }

    fn weather(&mut self) {
        if self.rng.u8(0..4) == 0 {
            self.wire.faults.clear();
            for _ in 0..self.rng.u8(0..3) {
                let rule = random_rule(&mut self.rng);
                self.history.push(format!("  rule {rule:?}"));
                self.wire.inject(rule);
            }
        }
    }

    async fn step(&mut self) {
        self.weather();
        let id = self.rng.u32(0..KEYS);
        let before = self.stored();
        let (what, outcome, after) = match self.rng.u8(0..12) {
            0..=2 => self.insert(id).await,
            3 | 4 => self.upsert(id).await,
            5 | 6 => self.update(id).await,
            7 => self.delete(id).await,
            8 => self.another_writes(id),
            9 | 10 => return self.select(id, &before).await,
            _ => return self.list(&before).await,
        };
        // What was held back arrives now, after the client has given up.
        let late = self.wire.faults.release().await;
        let stored = self.stored().remove(&id);
        let was = before.get(&id).cloned();
        self.history.push(format!(
            "{what} -> {outcome:?}, {late} late: {was:?} became {stored:?}"
        ));
        *self.kinds.entry(format!("{outcome:?}")).or_default() += 1;
        let right = match outcome {
            Ok(()) => stored == after,
            Err(ErrorKind::Indeterminate) => stored == after || stored == was,
            Err(_) => stored == was,
        };
        assert!(
            right,
            "{what} ended as {outcome:?} and left {stored:?}, not {after:?}"
        );
        let mut others = self.stored();
        let mut untouched = before;
        others.remove(&id);
        untouched.remove(&id);
        assert_eq!(others, untouched, "{what} touched another row");
    }

    async fn insert(&mut self, id: u32) -> Step {
        let text = self.text();
        let was = self.wire.stored(id);
        let outcome = bounded(self.wire.items.insert(&item(id, &text))).await;
        let outcome = outcome.map(drop).map_err(|error| error.kind());
        match (&was, outcome) {
            (Some(_), Ok(())) => panic!("insert of a row that is there"),
            (None, Err(ErrorKind::AlreadyExists)) => panic!("nothing was there"),
            _ => {}
        }
        allow(outcome, &[ErrorKind::AlreadyExists]);
        (format!("insert {id} {text}"), outcome, Some(body(&text)))
    }

    async fn upsert(&mut self, id: u32) -> Step {
        let text = self.text();
        let outcome = bounded(self.wire.items.upsert(&item(id, &text))).await;
        let outcome = outcome.map(drop).map_err(|error| error.kind());
        allow(outcome, &[]);
        (format!("upsert {id} {text}"), outcome, Some(body(&text)))
    }

    /// Over the version that was read last, which may be an old one.
    async fn update(&mut self, id: u32) -> Step {
        let text = self.text();
        let was = self.wire.stored(id);
        let Some(mut read) = self.read.get(&id).cloned() else {
            return (format!("no update {id}"), Ok(()), was);
        };
        let stale = was != Some(body(&read.row.text));
        read.row.text.clone_from(&text);
        let outcome = bounded(self.wire.items.update(&read)).await;
        let outcome = outcome.map(|version| {
            assert!(!stale, "an update of a row that was changed");
            read.version = version;
            self.read.insert(id, read);
        });
        let outcome = outcome.map_err(|error| error.kind());
        allow(outcome, &[ErrorKind::Conflict]);
        (format!("update {id} {text}"), outcome, Some(body(&text)))
    }

    async fn delete(&mut self, id: u32) -> Step {
        let outcome = bounded(self.wire.items.delete(("a", id))).await;
        let outcome = outcome.map_err(|error| error.kind());
        allow(outcome, &[]);
        (format!("delete {id}"), outcome, None)
    }

    fn another_writes(&mut self, id: u32) -> Step {
        let text = self.text();
        self.wire.put_raw(id, &text);
        (
            format!("another writes {id} {text}"),
            Ok(()),
            Some(body(&text)),
        )
    }

    async fn select(&mut self, id: u32, before: &State) {
        let selected = bounded(self.wire.items.select_versioned(("a", id))).await;
        self.history.push(format!("select {id} -> {selected:?}"));
        match selected {
            Ok(row) => {
                let text = row.as_ref().map(|row| body(&row.row.text));
                assert_eq!(text.as_ref(), before.get(&id), "select {id}");
                if let Some(row) = row {
                    self.read.insert(id, row);
                }
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}"),
        }
        self.wire.faults.release().await;
        assert_eq!(&self.stored(), before, "a read wrote");
    }

    async fn list(&mut self, before: &State) {
        let listed = bounded(self.wire.items.query().keys()).await;
        self.history.push(format!("list -> {listed:?}"));
        match listed {
            Ok(keys) => {
                let ids: Vec<u32> = keys.iter().map(|key| key.id).collect();
                let expected: Vec<u32> = before.keys().copied().collect();
                assert_eq!(ids, expected, "list");
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}"),
        }
        self.wire.faults.release().await;
    }
}

/// What was done, how it ended, and what is stored if it took effect.
type Step = (String, Result<(), ErrorKind>, Option<String>);

/// Fails on an outcome that nothing here can be the reason of.
#[track_caller]
fn allow(outcome: Result<(), ErrorKind>, expected: &[ErrorKind]) {
    if let Err(kind) = outcome {
        let passing = matches!(kind, ErrorKind::Unavailable | ErrorKind::Indeterminate);
        assert!(passing || expected.contains(&kind), "unexpected {kind:?}");
    }
}

/// Says how to repeat a run that fails.
impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let history = self.history.join("\n");
            let faults = self.wire.faults.log();
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            eprintln!(
                "{history}\n\nfaults:\n{}\n\nrepeat it with S3AADS_FAULT_SEED={}",
                faults.join("\n"),
                self.seed
            );
        }
    }
}

async fn run(seed: u64) -> BTreeMap<String, u32> {
    let mut run = Run::new(seed);
    for _ in 0..OPERATIONS {
        run.step().await;
    }
    std::mem::take(&mut run.kinds)
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}

/// The seeds that are asked for.
pub(crate) fn seeds() -> std::ops::Range<u64> {
    match setting("S3AADS_FAULT_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("S3AADS_FAULT_RUNS").unwrap_or(40),
    }
}

/// Runs share nothing, so that one's requests are the same whatever the others do.
pub(crate) const THREADS: usize = 8;

#[test]
fn whatever_fails_no_acknowledged_write_is_lost_and_no_refused_one_applied() {
    let seeds = seeds();
    let one = seeds.end - seeds.start == 1;
    let seeds = Mutex::new(seeds);
    let kinds = Mutex::new(BTreeMap::<String, u32>::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = runtime.enable_all().build().unwrap();
                loop {
                    let next = seeds.lock().unwrap().next();
                    let Some(seed) = next else { break };
                    for (kind, times) in runtime.block_on(run(seed)) {
                        *kinds.lock().unwrap().entry(kind).or_default() += times;
                    }
                }
            });
        }
    });
    let kinds = kinds.into_inner().unwrap();
    // The schedules reach every way in which a write can end.
    for kind in [
        "Ok(())",
        "Err(AlreadyExists)",
        "Err(Conflict)",
        "Err(Indeterminate)",
        "Err(Unavailable)",
    ] {
        assert!(one || kinds.contains_key(kind), "{kinds:?}");
    }
}
