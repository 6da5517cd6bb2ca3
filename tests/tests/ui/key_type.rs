use s3aads::{KeyColumn, S3Table};

#[derive(S3Table)]
struct Price {
    #[s3(key)]
    float: f64,
    #[s3(key)]
    machine_sized: usize,
    #[s3(key)]
    borrowed: &'static str,
}

#[derive(S3Table)]
struct Optional {
    #[s3(key)]
    id: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct WithoutDerive(u64);

#[derive(S3Table)]
struct Newtype {
    #[s3(key)]
    id: WithoutDerive,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct OfOptional(Option<u64>);

fn main() {}
