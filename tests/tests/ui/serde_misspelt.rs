use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[serde(renmae = "y")] //~
    year: u16,
}

fn main() {}
