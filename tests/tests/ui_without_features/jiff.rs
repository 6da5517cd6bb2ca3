use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    date: jiff::civil::Date, //~
    #[s3(key)]
    at: jiff::Timestamp, //~
    rain: f64,
}

fn main() {}
