use s3aads::KeyColumn;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)] //~ 2: the derive writes both itself
#[s3(ord)]
struct Id(u64);

fn main() {}
