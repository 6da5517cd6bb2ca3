use s3aads::KeyColumn;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct OfOptional(Option<u64>); //~

fn main() {}
