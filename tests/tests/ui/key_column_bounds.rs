use s3aads::KeyColumn;

#[derive(KeyColumn)]
struct Id(u64); //~ 4: to be one

fn main() {}
