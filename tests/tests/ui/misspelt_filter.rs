use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
}

fn misspelt(days: &DayTable) {
    days.filter_by_yaer(2020); //~
    days.filter_by_id(1).filter_by_yaer(2020); //~
}

fn main() {}
