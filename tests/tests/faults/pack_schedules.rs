//! Random groups of writes to packs under random faults, against a model: as in [`schedules`](crate::schedules), but for
//! several writes of one pack that go out together, transactions among them, and another process that writes the pack
//! meanwhile.
//!
//! No two writes of a group are of one row, so that what is stored of each after it is exact.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use fastrand::Rng;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use s3aads::{Table, Versioned};

use crate::schedules::{THREADS, random_rule, seeds};
use crate::*;

const BANKS: u32 = 2;
const NAMES: u32 = 8;
const GROUPS: usize = 20;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "accounts")]
struct Account {
    #[s3(key)]
    bank: u32,
    #[s3(key, packed)]
    name: u32,
    text: String,
}

type Key = (u32, u32);
type State = BTreeMap<Key, String>;

/// What a write of a group is to do: the rows that it is of and what is there if it takes effect.
struct Write {
    what: String,
    effect: Vec<(Key, Option<String>)>,
    /// What it may end as, beside the kinds that every write may.
    refusal: Refusal,
}

/// Whether a write must be refused, as far as the rows say.
#[derive(Clone, Copy, PartialEq)]
enum Refusal {
    Never,
    /// Ends as this and never well.
    Must(ErrorKind),
}

type Ended = Result<(), ErrorKind>;

struct Run {
    seed: u64,
    /// Whether it is to fail.
    in_vain: bool,
    server: Server,
    faults: Faults,
    accounts: Table<Account>,
    theirs: Table<Account>,
    rng: Rng,
    read: BTreeMap<Key, Versioned<Account>>,
    written: u32,
    history: Vec<String>,
    kinds: BTreeMap<String, u32>,
}

impl Run {
    async fn new(seed: u64, options: Options) -> Self {
        let mut rng = Rng::with_seed(seed);
        let in_vain = options.ignore_conditions;
        let server = Server::start_with(options);
        server.create_bucket(BUCKET);
        let faults = Faults::new(rng.u64(..)).signing_with(
            server.access_key(),
            server.secret_key(),
            server.region(),
        );
        let db = database(&server, |options| options.http_connector(faults.clone()));
        let theirs = database(&server, |options| options).table::<Account>();
        let accounts = db.table::<Account>();
        // Stores the schema, and both have seen it.
        theirs.delete((99, 0)).await.unwrap();
        accounts.delete((99, 0)).await.unwrap();
        Self {
            seed,
            in_vain,
            server,
            faults,
            accounts,
            theirs,
            rng,
            read: BTreeMap::new(),
            written: 0,
            history: Vec::new(),
            kinds: BTreeMap::new(),
        }
    }

    fn stored(&self) -> State {
        let mut state = State::new();
        for bank in 0..BANKS {
            let path = format!("accounts/{bank}/rows.ndjson");
            let Some(object) = self.server.object(BUCKET, &path) else {
                continue;
            };
            let text = String::from_utf8(object.body.to_vec()).unwrap();
            assert!(text.is_empty() || text.ends_with('\n'));
            let mut last = None;
            for line in text.lines() {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                let name = u32::try_from(row["name"].as_u64().unwrap()).unwrap();
                assert_eq!(row["bank"], bank);
                assert!(last < Some(name), "out of order: {text}");
                last = Some(name);
                let text = row["text"].as_str().unwrap().to_owned();
                state.insert((bank, name), text);
            }
        }
        state
    }

    fn text(&mut self) -> String {
        self.written += 1;
        format!("v{:06}", self.written)
    }

    fn weather(&mut self) {
        if self.rng.u8(0..3) == 0 {
            self.faults.clear();
            for _ in 0..self.rng.u8(0..3) {
                let rule = random_rule(&mut self.rng);
                self.history.push(format!("  rule {rule:?}"));
                self.faults.add(rule);
            }
        }
    }

    /// A write of these rows, and how it is run.
    fn write(
        &mut self,
        bank: u32,
        names: &mut Vec<u32>,
        before: &State,
    ) -> Option<(Write, BoxFuture<'static, s3aads::Result<()>>)> {
        let name = names.pop()?;
        let (key, text) = ((bank, name), self.text());
        let was = before.get(&key).cloned();
        let row = Account {
            bank,
            name,
            text: text.clone(),
        };
        let accounts = self.accounts.clone();
        let there = |refused| {
            if was.is_some() {
                refused
            } else {
                Refusal::Never
            }
        };
        let absent = |refused| {
            if was.is_none() {
                refused
            } else {
                Refusal::Never
            }
        };
        let mut effect = vec![(key, Some(text.clone()))];
        let what;
        let refusal;
        let run: BoxFuture<'static, s3aads::Result<()>> = match self.rng.u8(0..12) {
            0..=3 => {
                what = "insert";
                refusal = there(Refusal::Must(ErrorKind::AlreadyExists));
                async move { accounts.insert(&row).await.map(drop) }.boxed()
            }
            4 | 5 => {
                what = "upsert";
                refusal = Refusal::Never;
                async move { accounts.upsert(&row).await.map(drop) }.boxed()
            }
            6 => {
                what = "modify";
                refusal = absent(Refusal::Must(ErrorKind::NotFound));
                async move {
                    let modified = accounts.modify(key, |row| row.text.clone_from(&text));
                    modified.await.map(drop)
                }
                .boxed()
            }
            7 => {
                what = "delete";
                refusal = Refusal::Never;
                effect = vec![(key, None)];
                async move { accounts.delete(key).await }.boxed()
            }
            8 | 9 if self.read.contains_key(&key) => {
                let mut read = self.read.remove(&key)?;
                let stale = was.as_ref() != Some(&read.row.text);
                refusal = if stale {
                    Refusal::Must(ErrorKind::Conflict)
                } else {
                    Refusal::Never
                };
                if self.rng.bool() {
                    what = "update";
                    read.row.text = text;
                    async move { accounts.update(&read).await.map(drop) }.boxed()
                } else {
                    what = "delete_versioned";
                    effect = vec![(key, None)];
                    async move { accounts.delete_versioned(&read).await }.boxed()
                }
            }
            // Two rows change together, and a third is taken out.
            _ => {
                let (other, out) = (names.pop()?, names.pop()?);
                what = "transact";
                refusal = Refusal::Never;
                effect.push(((bank, other), Some(text.clone())));
                effect.push(((bank, out), None));
                let second = Account {
                    name: other,
                    ..row.clone()
                };
                async move {
                    let pack = accounts.pack(bank);
                    pack.transact(|rows| {
                        rows.get(other)?;
                        rows.upsert(&row)?;
                        rows.upsert(&second)?;
                        rows.remove(out).map(drop)
                    })
                    .await
                }
                .boxed()
            }
        };
        let what = format!("{what} {key:?}");
        let write = Write {
            what,
            effect,
            refusal,
        };
        Some((write, run))
    }

    async fn group(&mut self) {
        self.weather();
        let bank = self.rng.u32(0..BANKS);
        let before = self.stored();
        let mut names: Vec<u32> = (0..NAMES).collect();
        self.rng.shuffle(&mut names);
        let (mut writes, mut runs) = (Vec::new(), Vec::new());
        for _ in 0..self.rng.usize(1..6) {
            if let Some((write, run)) = self.write(bank, &mut names, &before) {
                writes.push(write);
                runs.push(run);
            }
        }
        // Another process writes the pack meanwhile, and has no faults.
        let text = self.text();
        let other = (self.rng.u8(0..3) == 0).then(|| Account {
            bank,
            name: 100 + self.rng.u32(0..4),
            text,
        });
        let theirs = async {
            if let Some(row) = &other {
                self.theirs.upsert(row).await.unwrap();
            }
        };
        let (ended, ()) = bounded(async { tokio::join!(join_all(runs), theirs) }).await;
        // What was held back arrives now, after the client has given up.
        let late = self.faults.release().await;
        let stored = self.stored();
        let ended: Vec<Ended> = ended
            .into_iter()
            .map(|ended| ended.map_err(|error| error.kind()))
            .collect();
        let mut touched: BTreeSet<Key> = BTreeSet::new();
        self.history
            .push(format!("group of {} in {bank}, {late} late", writes.len()));
        for (write, ended) in writes.iter().zip(&ended) {
            self.history.push(format!("  {} -> {ended:?}", write.what));
            *self.kinds.entry(format!("{ended:?}")).or_default() += 1;
            let now: Vec<Option<&String>> = write
                .effect
                .iter()
                .map(|(key, _)| stored.get(key))
                .collect();
            let was: Vec<Option<&String>> = write
                .effect
                .iter()
                .map(|(key, _)| before.get(key))
                .collect();
            let after: Vec<Option<&String>> =
                write.effect.iter().map(|(_, text)| text.as_ref()).collect();
            let right = match ended {
                Ok(()) => now == after && write.refusal == Refusal::Never,
                Err(ErrorKind::Indeterminate) => now == after || now == was,
                Err(ErrorKind::Unavailable) => now == was,
                Err(kind) => now == was && write.refusal == Refusal::Must(*kind),
            };
            assert!(
                right,
                "{} ended as {ended:?} and left {now:?}; it was {was:?} and was to be {after:?}",
                write.what
            );
            touched.extend(write.effect.iter().map(|(key, _)| *key));
        }
        touched.extend(other.as_ref().map(|row| (row.bank, row.name)));
        if let Some(row) = other {
            assert_eq!(stored.get(&(row.bank, row.name)), Some(&row.text), "theirs");
        }
        let rest = |state: &State| -> State {
            let rest = state.iter().filter(|(key, _)| !touched.contains(key));
            rest.map(|(key, text)| (*key, text.clone())).collect()
        };
        assert_eq!(rest(&stored), rest(&before), "a group touched other rows");
    }

    async fn look(&mut self) {
        let before = self.stored();
        let key = (self.rng.u32(0..BANKS), self.rng.u32(0..NAMES));
        let selected = bounded(self.accounts.select_versioned(key)).await;
        let seen = bounded(self.accounts.pack(key.0).rows()).await;
        self.faults.release().await;
        assert_eq!(self.stored(), before, "a read wrote");
        match selected {
            Ok(row) => {
                let text = row.as_ref().map(|row| &row.row.text);
                assert_eq!(text, before.get(&key), "select {key:?}");
                self.read.extend(row.map(|row| (key, row)));
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}"),
        }
        match seen {
            Ok(rows) => {
                let rows = rows.into_iter().map(|row| ((row.bank, row.name), row.text));
                let expected = before.range((key.0, 0)..(key.0 + 1, 0));
                assert!(rows.eq(expected.map(|(key, text)| (*key, text.clone()))));
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}"),
        }
    }
}

/// Says how to repeat a run that fails.
impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.in_vain {
            let faults: Vec<String> = self.faults.log().iter().map(ToString::to_string).collect();
            eprintln!(
                "{}\n\nfaults:\n{}\n\nrepeat it with S3AADS_FAULT_SEED={}",
                self.history.join("\n"),
                faults.join("\n"),
                self.seed
            );
        }
    }
}

async fn run(seed: u64, options: Options) -> BTreeMap<String, u32> {
    let mut run = Run::new(seed, options).await;
    for _ in 0..GROUPS {
        run.group().await;
        run.look().await;
    }
    std::mem::take(&mut run.kinds)
}

#[test]
fn whatever_fails_each_write_of_a_group_has_its_own_true_end() {
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
                    for (kind, times) in runtime.block_on(run(seed, Options::default())) {
                        *kinds.lock().unwrap().entry(kind).or_default() += times;
                    }
                }
            });
        }
    });
    let kinds = kinds.into_inner().unwrap();
    println!("{kinds:?}");
    for kind in [
        "Ok(())",
        "Err(AlreadyExists)",
        "Err(NotFound)",
        "Err(Conflict)",
        "Err(Indeterminate)",
        "Err(Unavailable)",
    ] {
        assert!(one || kinds.contains_key(kind), "{kinds:?}");
    }
}

/// The control: a store that ignores conditions, and is believed, loses writes, which is seen.
#[test]
fn a_store_that_loses_writes_of_packs_is_found_out() {
    let failed = (0..20u64).any(|seed| {
        let run = move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            let options = Options {
                ignore_conditions: true,
                ..Options::default()
            };
            runtime.block_on(run(seed, options));
        };
        std::thread::spawn(run).join().is_err()
    });
    assert!(failed, "nothing was lost");
}
