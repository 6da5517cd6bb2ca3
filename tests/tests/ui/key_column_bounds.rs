use s3aads::KeyColumn;

#[derive(KeyColumn)]
struct Id(u64); //~ 4: four traits are missing

fn main() {}
