use s3aads::KeyColumn;

#[derive(KeyColumn)]
struct Id(u64);

fn main() {}
