use s3aads::KeyColumn;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Station(uuid::Uuid); //~

fn main() {}
