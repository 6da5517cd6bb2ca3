use s3aads::S3Table;

struct Note;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(data)]
    note: Note, //~
}

fn main() {}
