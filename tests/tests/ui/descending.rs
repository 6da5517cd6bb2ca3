use s3aads::S3Table;

#[derive(S3Table)]
struct Newest {
    #[s3(key, ordered, descending)]
    fine: i64,
    #[s3(key, descending, width = 3)] //~
    padded: u8,
    #[s3(descending)] //~
    of_the_body: u8,
}

#[derive(S3Table)]
#[s3(layout = "hive")]
struct Partitions {
    #[s3(key, descending)] //~
    at: u64,
}

#[derive(S3Table)]
struct Names {
    #[s3(key, descending)] //~
    name: String,
    #[s3(key, descending)]
    day: chrono::NaiveDate,
    #[s3(key, descending)] //~
    address: std::net::IpAddr,
}

fn main() {}
