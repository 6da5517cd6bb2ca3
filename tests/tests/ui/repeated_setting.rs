use s3aads::S3Table;

#[derive(S3Table)]
#[s3(table = "days", table = "nights")] //~
struct Day {
    #[s3(key, key)] //~
    year: u16,
    #[s3(key, width = 2)]
    #[s3(width = 3)] //~
    month: u8,
}

fn main() {}
