use s3aads::S3Table;

#[derive(Debug, Clone)]
struct Station(u32);

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key, ordered)]
    station: Station, //~
}

fn main() {}
