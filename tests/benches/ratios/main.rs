//! Benchmarks as ratios: what this library costs beside what it is built on, and what its plans save. Prints Markdown.
//!
//! ```sh
//! cargo bench -p s3aads-tests --bench ratios                     # all but the instructions
//! cargo bench -p s3aads-tests --bench ratios -- calls requests   # only these
//! cargo bench -p s3aads-tests --bench ratios -- disk             # a million files in the temporary folder
//! cargo bench -p s3aads-tests --bench ratios -- instructions     # with valgrind installed
//! ```
//!
//! A harness of its own, since a ratio needs both its sides in turns in one process, which benchmark harnesses measure
//! one after the other.

mod bucket;
mod calls;
mod core;
mod disk;
mod instructions;
mod latency;
mod listing;
mod packs;
mod paired;
mod report;
mod requests;
mod rows;
mod sides;

/// A name to ask for it by, whether it runs unasked, and what runs.
type Section = (&'static str, bool, fn());

const SECTIONS: [Section; 9] = [
    ("calls", true, calls::calls),
    ("listing", true, calls::listing),
    ("count", true, latency::count),
    ("inserts", true, latency::inserts),
    ("seeks", true, latency::seeks),
    ("packs", true, packs::packs),
    ("requests", true, requests::requests),
    ("disk", false, disk::disk),
    ("instructions", false, instructions::instructions),
];

fn main() {
    // `cargo bench` adds `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if let Some((instructions::PROBE, rest)) = arguments.split_first().map(|(a, b)| (a.as_str(), b))
    {
        return instructions::probe(rest);
    }
    if let Some(unknown) = arguments
        .iter()
        .find(|a| SECTIONS.iter().all(|(name, ..)| a != name))
    {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, ..)| *name).collect();
        eprintln!("no section {unknown}; there are: {}", names.join(", "));
        std::process::exit(2);
    }
    for (name, unasked, run) in SECTIONS {
        if arguments.iter().any(|argument| argument == name) || arguments.is_empty() && unasked {
            run();
        }
    }
}
