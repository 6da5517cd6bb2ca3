use s3aads::S3Table;

#[derive(S3Table)]
struct Cell {
    #[s3(key)]
    day: u32,
    #[s3(key, plural = "days")] //~
    night: u32,
    #[s3(key, plural = "filter_by_day")] //~
    dawn: u32,
    #[s3(key, rename = "day")] //~
    noon: u32,
    #[s3(key, rename = "")] //~
    dusk: u32,
}

fn main() {}
