use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    station: uuid::Uuid, //~
    rain: f64,
}

fn main() {}
