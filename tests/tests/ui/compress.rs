use s3aads::S3Table;

#[derive(S3Table)]
#[s3(compress = "gzip")] //~
struct Day {
    #[s3(key)]
    year: u16,
}

#[derive(S3Table)]
#[s3(compress = "zstd")] //~
struct Month {
    #[s3(key, packed)]
    year: u16,
}

#[derive(S3Table)]
#[s3(compress)] //~
struct Year {
    #[s3(key, packed)]
    year: u16,
}

fn main() {}
