use s3aads::S3Table;

#[derive(S3Table)]
struct Cell {
    #[s3(key)]
    row: u32, //~
    #[s3(key)]
    key: u32, //~
    #[s3(key, plural = "clone")] //~
    copy: u32,
}

fn main() {}
