use s3aads::S3Table;

#[derive(S3Table)]
#[serde(from = "Other", into = "Other")] //~ 2: two mistakes
struct Converted {
    #[s3(key)]
    id: u64,
    name: String,
}

#[derive(S3Table)]
#[serde(transparent)] //~
struct Transparent {
    #[s3(key)]
    id: u64,
    name: String,
}

fn main() {}
