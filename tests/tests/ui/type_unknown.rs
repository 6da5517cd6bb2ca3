use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    station: Statoin, //~ 2: rustc names an unknown type once as a type and once for its parameters
}

fn main() {}
