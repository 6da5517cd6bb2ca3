use s3aads::S3Table;

#[derive(S3Table)]
struct Log {
    #[s3(key, rename = "level")]
    id: u64,
    #[s3(index)]
    level: u8, //~
    #[s3(index)]
    row: u32, //~
}

#[derive(S3Table)]
#[s3(index)] //~
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(index(by_year, columns = "year"))] //~
    year: u16,
    #[s3(rename = "mm")] //~
    month: u8,
}

#[derive(S3Table)]
#[s3(index("by year"))] //~
struct Hour {
    #[s3(key)]
    id: u64,
}

fn main() {}
