use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key, ordered)]
    id: u64,
    #[s3(key, packed, width = 4)] //~
    year: u16,
    #[s3(key, packed, ordered)] //~
    month: u8,
    #[s3(key, descending, packed)] //~
    day: u8,
}

fn main() {}
