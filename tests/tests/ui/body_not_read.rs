use s3aads::S3Table;

#[derive(serde::Serialize)]
struct Note;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    
    note: Note, //~
}

fn main() {}
