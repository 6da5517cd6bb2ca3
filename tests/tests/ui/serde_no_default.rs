use s3aads::S3Table;

#[derive(serde::Serialize, serde::Deserialize)]
struct Note;

#[derive(S3Table)] //~
struct Day {
    #[s3(key)]
    id: u64,
    #[serde(default)]
    note: Note,
}

fn main() {}
