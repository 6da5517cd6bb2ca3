use s3aads::S3Table;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Rest {
    more: String,
}

#[derive(S3Table)]
#[s3(index(by_city, columns = "city"))]
#[s3(index(by_city, columns = "town, id"))] //~
#[s3(index(by_country, columns = "country"))] //~
#[s3(index(by_id, columns = "id"))] //~
#[s3(index(twice, columns = "town, town"))] //~
struct Place {
    #[s3(key, index)] //~
    id: u64,
    #[s3(index)]
    town: String,
    city: String,
    #[s3(index)] //~
    #[serde(skip)]
    cached: String,
    #[s3(index)] //~
    #[serde(flatten)]
    rest: Rest, //~
    #[s3(index)]
    height: f64, //~
}

fn main() {}
