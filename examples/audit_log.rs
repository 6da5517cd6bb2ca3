//! Who did what, newest first: `cargo run --example audit_log [URL]`.
//!
//! Entries are only ever inserted. A listing runs forwards, so the time is `descending`: the newest
//! entry is the first that a listing finds, however long the log is, and a time range is a part of it.

use std::error::Error;

use chrono::{DateTime, TimeDelta, Utc};
use s3aads::{Database, ErrorKind, S3Table, Table};

/// One entry: `audit/acme/79739696T879999.999999999Z`.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "audit")]
struct Entry {
    /// Whose log it is.
    #[s3(key)]
    account: String,
    /// When it happened.
    #[s3(key, descending, plural = "times")]
    at: DateTime<Utc>,
    /// Who did it.
    actor: String,
    /// What was done.
    action: String,
}

/// Adds an entry, and never overwrites one: if two are of the same nanosecond, the later call's is
/// one nanosecond later.
async fn append(log: &Table<Entry>, mut entry: Entry) -> s3aads::Result<Entry> {
    loop {
        match log.insert(&entry).await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                entry.at += TimeDelta::nanoseconds(1);
            }
            inserted => return inserted.map(|_| entry),
        }
    }
}

fn show(entries: &[Entry]) {
    for Entry {
        at, actor, action, ..
    } in entries
    {
        println!(
            "  {}  {actor:<5} {action}",
            at.format("%Y-%m-%d %H:%M:%S%.9f")
        );
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let db = Database::open(url.as_deref().unwrap_or("memory:///audit"))?;
    db.create().await?;
    let log = db.open_table::<Entry>().await?;

    // Two weeks in which something happens every hour.
    let start: DateTime<Utc> = "2026-03-01T00:00:00Z".parse()?;
    let hours = (0..14 * 24).map(|hour| Entry {
        account: "acme".to_owned(),
        at: start + TimeDelta::hours(hour),
        actor: if hour % 3 == 0 { "ada" } else { "bob" }.to_owned(),
        action: format!("opened ticket {hour}"),
    });
    log.insert_all(hours).await.into_result()?;

    let at = start + TimeDelta::days(14);
    for actor in ["ada", "bob"] {
        let (account, action) = ("acme".to_owned(), "signed in".to_owned());
        let actor = actor.to_owned();
        append(
            &log,
            Entry {
                account,
                at,
                actor,
                action,
            },
        )
        .await?;
    }

    println!("The last five entries:");
    let acme = log.filter_by_account("acme");
    let before = db.usage();
    let newest = acme.limit(5).rows().await?;
    show(&newest);
    println!("  {}", db.usage().since(&before));
    if !newest.is_sorted_by(|a, b| a.at > b.at) || newest.len() != 5 {
        return Err("these are not the last five entries, newest first".into());
    }

    println!("\nThe morning of March 3:");
    let day: DateTime<Utc> = "2026-03-03T00:00:00Z".parse()?;
    let morning = acme.filter_by_at(day + TimeDelta::hours(6)..day + TimeDelta::hours(12));
    let before = db.usage();
    let entries = morning.rows().await?;
    show(&entries);
    println!("  {}", db.usage().since(&before));
    if entries.len() != 6 {
        return Err("a morning has six hours".into());
    }

    println!("\nIts plan, for a log of a million entries:");
    let plan = morning.explain()?.assume_rows(1_000_000).to_string();
    for line in plan.lines() {
        println!("  {line}");
    }

    println!("\nPage by page, as a screen shows them:");
    let (mut query, mut pages) = (acme.filter_by_at(..day), 0);
    loop {
        let page = query.page(20).await?;
        pages += 1;
        if let (Some(first), Some(last)) = (page.rows.first(), page.rows.last()) {
            println!("  page {pages}: {} to {}", first.at, last.at);
        }
        match page.cursor {
            Some(cursor) => query = query.after(cursor),
            None => break,
        }
    }
    db.drop_table("audit").await?;
    Ok(())
}
