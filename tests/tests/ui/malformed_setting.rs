use s3aads::S3Table;

#[derive(S3Table)]
#[s3] //~
struct Day {
    #[s3(key(2))] //~
    year: u16,
}

#[derive(S3Table)]
#[s3(table, handle = 2, crate = "a b")] //~ 3: three mistakes
struct Values {
    #[s3(key = true, plural = "no identifier")] //~ 2: two mistakes
    year: u16,
    #[serde(rename = )] //~
    data: String,
}

fn main() {}
