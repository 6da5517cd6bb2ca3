use s3aads::S3Table;

#[derive(S3Table)]
#[s3(tabel = "days")] //~
struct Day {
    #[s3(key, widht = 2)] //~
    year: u16,
}

#[derive(S3Table)]
#[s3(key)] //~
struct Misplaced {
    #[s3(key, table = "days")] //~
    year: u16,
}

#[derive(S3Table)]
#[s3(layout = "columnar")] //~
struct Layout {
    #[s3(key)]
    year: u16,
}

fn main() {}
