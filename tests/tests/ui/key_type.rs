use s3aads::S3Table;

#[derive(S3Table)]
struct Price {
    #[s3(key)]
    float: f64, //~
    #[s3(key)]
    machine_sized: usize, //~
    #[s3(key)]
    borrowed: &'static str, //~
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct WithoutDerive(u64);

#[derive(S3Table)]
struct Newtype {
    #[s3(key)]
    id: WithoutDerive, //~
}

fn main() {}
