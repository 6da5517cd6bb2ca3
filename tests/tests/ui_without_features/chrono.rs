use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    date: chrono::NaiveDate, //~
    #[s3(key)]
    at: chrono::DateTime<chrono::Utc>, //~
    rain: f64,
}

fn main() {}
