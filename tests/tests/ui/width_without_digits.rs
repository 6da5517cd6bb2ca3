use s3aads::S3Table;

#[derive(S3Table)]
struct Person {
    #[s3(key, width = 9)] //~
    name: String,
    #[s3(key, ordered)] //~
    is_here: bool,
}

fn main() {}
