use s3aads::S3Table;

#[derive(S3Table)]
struct Packed {
    #[s3(key, packed)]
    id: u64,
    #[s3(index)] //~
    name: String,
}

#[derive(S3Table)]
#[s3(index(by_day, columns = "day, id"))] //~
struct Whole {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    day: u16,
    #[s3(data)]
    values: Vec<u8>,
}

fn main() {}
