use s3aads::{KeyColumn, S3Table};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Floor(i8);

#[derive(S3Table)]
#[s3(layout = "hive")]
struct Partitions {
    #[s3(key, ordered)]
    unsigned: u32,
    #[s3(key, ordered)] //~
    signed: i32,
    #[s3(key, ordered)] //~
    newtype: Floor,
    #[s3(key, width = 3)]
    padded: i32,
}

fn main() {}
