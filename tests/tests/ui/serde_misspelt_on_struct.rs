use s3aads::S3Table;

#[derive(S3Table)]
#[serde(rename_al = "camelCase")] //~
struct Day {
    #[s3(key)]
    id: u64,
    #[serde(default)]
    year: u16,
}

fn main() {}
