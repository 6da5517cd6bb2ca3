use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key, data)] //~
    year: u16,
    #[s3(key, width = 2, ordered)] //~
    month: u8,
    #[s3(width = 2, rename = "d", plural = "dd")] //~ 3: three mistakes
    day: u8,
    #[s3(ordered)] //~
    hour: u8,
}

#[derive(S3Table)]
struct Formats {
    #[s3(key)]
    year: u16,
    #[s3(data, text)] //~
    text: String,
}

fn main() {}
