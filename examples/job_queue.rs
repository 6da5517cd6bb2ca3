//! A queue of jobs for any number of workers: `cargo run --example job_queue [URL]`.
//!
//! A worker claims a job by writing its name over the version that it read, so that of several
//! workers one succeeds. A claim is a lease: if its worker dies, another takes the job over once the
//! time is up. What a job found is inserted create-only before the job is deleted, so a job that is
//! run twice, because its worker was slow and not dead, has one result all the same.

use std::error::Error;
use std::time::{Duration, SystemTime};

use s3aads::{Database, ErrorKind, S3Table, Table, Versioned};
use serde::{Deserialize, Serialize};

/// How long a worker has a job before others may take it over. In earnest it is minutes, and longer
/// than the clocks of the workers differ.
const LEASE: Duration = Duration::from_millis(400);

/// How many jobs a worker looks at for one that is free: more than there are workers. Each begins at
/// another of them, so that they do not all go for the first one.
const WINDOW: usize = 16;

/// A job that is to be done. It is there until it is done, so that the table stays small.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "jobs")]
struct Job {
    #[s3(key)]
    queue: String,
    /// In the order of which jobs are begun.
    #[s3(key, ordered)]
    number: u32,
    /// What is to be done: here, a number whose divisors are to be counted.
    input: u32,
    claim: Option<Claim>,
}

/// Who does a job, and until when nobody else may.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Claim {
    worker: String,
    until: SystemTime,
}

/// What a job found.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "results")]
struct Finding {
    #[s3(key)]
    queue: String,
    #[s3(key, ordered)]
    number: u32,
    divisors: u32,
    worker: String,
}

/// One worker.
struct Worker {
    name: String,
    jobs: Table<Job>,
    findings: Table<Finding>,
}

impl Worker {
    fn new(db: &Database, name: String) -> Self {
        let (jobs, findings) = (db.table(), db.table());
        Self {
            name,
            jobs,
            findings,
        }
    }

    /// A job that is now this worker's, if there is one that nobody has.
    async fn claim(&self, queue: &str) -> s3aads::Result<Option<Versioned<Job>>> {
        let waiting = self.jobs.filter_by_queue(queue).limit(WINDOW as u64);
        let mut keys = waiting.keys().await?;
        let start = self.name.bytes().map(usize::from).sum::<usize>() % keys.len().max(1);
        keys.rotate_left(start);
        for key in keys {
            let Some(mut job) = self.jobs.select_versioned(key).await? else {
                continue; // It was done meanwhile.
            };
            let now = SystemTime::now();
            if job.claim.as_ref().is_some_and(|claim| claim.until > now) {
                continue;
            }
            let (worker, until) = (self.name.clone(), now + LEASE);
            job.claim = Some(Claim { worker, until });
            match self.jobs.update(&job).await {
                Ok(version) => {
                    job.version = version;
                    return Ok(Some(job));
                }
                Err(error) if is_lost(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Gives the worker more time for its job; false if it has lost it.
    async fn renew(&self, job: &mut Versioned<Job>) -> s3aads::Result<bool> {
        if let Some(claim) = &mut job.claim {
            claim.until = SystemTime::now() + LEASE;
        }
        match self.jobs.update(job).await {
            Ok(version) => {
                job.version = version;
                Ok(true)
            }
            Err(error) if is_lost(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Keeps what a job found, and then forgets the job.
    async fn finish(&self, job: &Versioned<Job>, divisors: u32) -> s3aads::Result<()> {
        let (queue, number) = (job.queue.clone(), job.number);
        let worker = self.name.clone();
        let finding = Finding {
            queue,
            number,
            divisors,
            worker,
        };
        match self.findings.insert(&finding).await {
            // Another worker had taken the job over, and was done first.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            inserted => drop(inserted?),
        }
        // There is a result, so nobody needs the job any more, whoever has it now.
        self.jobs.delete(&job.row).await
    }

    /// Works until the queue is empty; how many jobs it did.
    async fn run(&self, queue: &str) -> s3aads::Result<u32> {
        let mut done = 0;
        loop {
            let Some(mut job) = self.claim(queue).await? else {
                if self.jobs.filter_by_queue(queue).is_empty().await? {
                    return Ok(done);
                }
                tokio::time::sleep(LEASE / 8).await;
                continue;
            };
            // Long work is done in steps, and the lease is renewed between them.
            tokio::time::sleep(Duration::from_millis(5)).await;
            if !self.renew(&mut job).await? {
                continue;
            }
            let divisors = (1..=job.input)
                .filter(|n| job.input.is_multiple_of(*n))
                .count();
            self.finish(&job, divisors as u32).await?;
            done += 1;
        }
    }
}

/// Whether another worker was faster: it changed the job, or did it.
fn is_lost(error: &s3aads::Error) -> bool {
    matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let db = Database::open(url.as_deref().unwrap_or("memory:///queue"))?;
    db.create().await?;
    let jobs = db.open_table::<Job>().await?;
    let queue = "divisors".to_owned();
    let all = (1..=60).map(|number| Job {
        queue: queue.clone(),
        number,
        input: number * 1_000,
        claim: None,
    });
    jobs.insert_all(all).await.into_result()?;

    // A worker that dies with a job in its hands.
    let dead = Worker::new(&db, "dead".to_owned());
    let held = dead.claim(&queue).await?.ok_or("there is no job")?;
    println!("`dead` claims job {} and is never seen again.", held.number);

    let workers = (1..=5).map(|n| {
        let (worker, queue) = (Worker::new(&db, format!("worker {n}")), queue.clone());
        tokio::spawn(async move { worker.run(&queue).await.map(|done| (worker.name, done)) })
    });
    for worker in workers.collect::<Vec<_>>() {
        let (name, done) = worker.await??;
        println!("{name} did {done} jobs.");
    }

    let findings = db.table::<Finding>().rows().await?;
    let by = findings
        .iter()
        .find(|finding| finding.number == held.number);
    let by = &by.ok_or("a job was lost")?.worker;
    println!("Job {} was taken over by {by}.", held.number);
    println!("{} results; sent {}.", findings.len(), db.usage());
    let wrong = findings
        .iter()
        .find(|finding| finding.number == 1 && finding.divisors != 16);
    if findings.len() != 60 || wrong.is_some() || jobs.count().await? != 0 {
        return Err("a job was lost, done wrong, or is still there".into());
    }
    db.drop_table("results").await?;
    Ok(())
}
