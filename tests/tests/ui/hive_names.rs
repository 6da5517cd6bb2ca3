use s3aads::S3Table;

#[derive(S3Table)]
#[s3(layout = "hive")]
struct Partitions {
    #[s3(key, rename = "a=b")] //~
    escaped: u32,
    #[s3(key)]
    _hidden: u32, //~
    #[s3(key, rename = "day")]
    day: u32,
    #[s3(key, rename = "Day")] //~
    other: u32,
    #[serde(rename = "DAY")]
    of_the_body: u32, //~
}

fn main() {}
