use s3aads::S3Table;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Colour(u8, u8, u8);

#[derive(S3Table)]
struct Cup {
    #[s3(key)]
    id: u64,
    #[s3(index)]
    colour: Colour, //~
    #[s3(index)]
    handle: Option<Vec<u8>>, //~
    #[s3(index, width = 2)] //~
    name: String,
}

fn main() {}
