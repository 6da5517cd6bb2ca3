use s3aads::S3Table;

#[derive(S3Table)]
struct Day {
    #[s3(key, rename = "place")]
    city: String,
    #[s3(key, packed)]
    year: u16,
    place: String, //~
    #[serde(rename = "year")]
    era: u16, //~
    city_name: String,
}

fn main() {}
