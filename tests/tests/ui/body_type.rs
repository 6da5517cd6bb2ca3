use s3aads::S3Table;

#[derive(S3Table)]
struct Photo {
    #[s3(key)]
    id: u64,
    #[s3(bytes)]
    pixels: Vec<u32>, //~
}

#[derive(S3Table)]
struct Note {
    #[s3(key)]
    id: u64,
    #[s3(text)]
    text: u64, //~
}

fn main() {}
