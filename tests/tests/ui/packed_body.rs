use s3aads::S3Table;

#[derive(S3Table)]
struct Picture {
    #[s3(key)]
    album: String,
    #[s3(key, packed)]
    number: u32,
    #[s3(bytes)] //~
    pixels: Vec<u8>,
}

/// The line says both by their names.
#[derive(S3Table)]
struct Note {
    #[s3(key, packed)]
    number: u32,
    #[s3(text)]
    text: String,
}

#[derive(S3Table)]
struct Series {
    #[s3(key, packed)]
    number: u32,
    #[s3(data)]
    values: Vec<f64>,
}

fn main() {}
