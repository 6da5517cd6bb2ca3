use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
    #[s3(key)]
    city: String,
}

fn mistyped() {
    let _ = DayKey::from((1, 2020, "Oslo"));
    let _ = DayKey::from((1, "2020", "Oslo")); //~
    let _ = DayKey::from((1, 2020)); //~
}

fn main() {}
