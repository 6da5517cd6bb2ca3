use s3aads::S3Table;

mod uuid {
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Uuid;
}

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    id_of_another_crate: uuid::Uuid, //~
}

fn main() {}
