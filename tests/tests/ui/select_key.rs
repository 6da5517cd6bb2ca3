use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
}

async fn mistyped(days: &DayTable) {
    let _ = days.select((1, "2020")).await;
    let _ = days.select((1, 2020, 3)).await;
    let _ = days.select(1).await;
}

fn main() {}
