use s3aads::S3Table;

#[derive(S3Table)]
struct Day { //~
    year: u16,
}

#[derive(S3Table)]
struct Nothing; //~

fn main() {}
