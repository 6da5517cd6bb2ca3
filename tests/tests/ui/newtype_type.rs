use s3aads::KeyColumn;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct OfOptional(Option<u64>); //~ 2: the field's form and its functions are asked for apart

fn main() {}
