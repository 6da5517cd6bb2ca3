use s3aads::S3Table;

type Money = f64;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    money: Money, //~
}

fn main() {}
