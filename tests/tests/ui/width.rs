use s3aads::S3Table;

#[derive(S3Table)]
struct Widths {
    #[s3(key, width = 0)] //~
    zero: u8,
    #[s3(key, width = 40)] //~
    forty: u128,
    #[s3(key, width = "2")] //~
    text: u8,
    #[s3(key, width)] //~
    nothing: u8,
}

fn main() {}
