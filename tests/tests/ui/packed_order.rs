use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key, packed)] //~
    year: u16,
    #[s3(key)]
    month: u8,
}

#[derive(S3Table)]
struct Reading {
    #[s3(packed)] //~
    #[s3(key)]
    station: String,
    #[s3(key, packed)] //~
    year: u16,
    #[s3(key)]
    month: u8,
    #[s3(key, packed)]
    day: u8,
    #[s3(packed)] //~
    rain: f64,
}

fn main() {}
