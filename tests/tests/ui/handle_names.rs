use s3aads::S3Table;

#[derive(S3Table)]
#[s3(handle = "Day")] //~
struct Day {
    #[s3(key)]
    id: u32,
}

#[derive(S3Table)]
#[s3(handle = "NightKey")] //~
struct Night {
    #[s3(key)]
    id: u32,
}

#[derive(S3Table)]
#[s3(handle = "Hours")] //~
struct HoursQuery {
    #[s3(key)]
    id: u32,
}

fn main() {}
