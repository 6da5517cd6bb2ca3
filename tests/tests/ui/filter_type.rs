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

fn mistyped(days: &DayTable) {
    let _ = days.filter_by_year("2020"); //~
    let _ = days.filter_by_id(1).filter_by_year(2019.5); //~
    let _ = days.filter_by_city(7); //~
    let _ = days.filter(Day::COLUMNS.year, 'x'); //~
}

fn main() {}
