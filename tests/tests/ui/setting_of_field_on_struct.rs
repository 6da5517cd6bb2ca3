use s3aads::S3Table;

#[derive(S3Table)]
#[s3(width = 2)] //~
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
}

fn main() {}
