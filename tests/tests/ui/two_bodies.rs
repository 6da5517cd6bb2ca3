use s3aads::S3Table;

#[derive(S3Table)]
struct TwoData {
    #[s3(key)]
    id: u64,
    #[s3(data)]
    first: String,
    #[s3(text)] //~
    second: String,
}

#[derive(S3Table)]
struct DataAndOthers {
    #[s3(key)]
    id: u64,
    name: String, //~
    #[s3(bytes)]
    photo: Vec<u8>,
}

fn main() {}
