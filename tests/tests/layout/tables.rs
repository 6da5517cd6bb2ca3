//! The tables of the fixture: every key type, attribute, layout and body format.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroI16, NonZeroU8};
use std::time::SystemTime;

use s3aads::{KeyColumn, S3Table};
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "daily-data")]
pub(crate) struct DailyData {
    #[s3(key)]
    pub(crate) id: u64,
    #[s3(key)]
    pub(crate) year: u16,
    #[s3(key, width = 2)]
    pub(crate) month: u8,
    #[s3(key, width = 2)]
    pub(crate) day: u8,
    #[s3(data)]
    pub(crate) data: Vec<String>,
}

/// A table of a column of each integer type.
macro_rules! integers {
    ($name:ident, $table:literal $(, $ordered:ident)?) => {
        #[derive(Debug, Clone, PartialEq, S3Table)]
        #[s3(table = $table)]
        pub(crate) struct $name {
            #[s3(key $(, $ordered)?)]
            pub(crate) a: u8,
            #[s3(key $(, $ordered)?)]
            pub(crate) b: u16,
            #[s3(key $(, $ordered)?)]
            pub(crate) c: u32,
            #[s3(key $(, $ordered)?)]
            pub(crate) d: u64,
            #[s3(key $(, $ordered)?)]
            pub(crate) e: u128,
            #[s3(key $(, $ordered)?)]
            pub(crate) f: i8,
            #[s3(key $(, $ordered)?)]
            pub(crate) g: i16,
            #[s3(key $(, $ordered)?)]
            pub(crate) h: i32,
            #[s3(key $(, $ordered)?)]
            pub(crate) i: i64,
            #[s3(key $(, $ordered)?)]
            pub(crate) j: i128,
        }
    };
}

integers!(PlainIntegers, "plain_integers");
integers!(OrderedIntegers, "ordered_integers", ordered);

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "padded_integers")]
pub(crate) struct PaddedIntegers {
    #[s3(key, width = 3)]
    pub(crate) a: u8,
    #[s3(key, width = 3)]
    pub(crate) b: i8,
    #[s3(key, width = 39)]
    pub(crate) c: u128,
    #[s3(key, width = 39)]
    pub(crate) d: i128,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
pub(crate) struct StationId(pub(crate) u32);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
pub(crate) struct Floor(pub(crate) i8);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
pub(crate) enum Weather {
    Sun,
    LightRain,
    #[s3(rename = "sleet/hail")]
    Sleet,
    #[s3(rename = "snow & ice")]
    Snow,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "stations")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Station {
    #[s3(key, width = 5)]
    pub(crate) id: StationId,
    #[s3(key, ordered)]
    pub(crate) floor: Floor,
    #[s3(key)]
    pub(crate) weather: Weather,
    #[s3(key)]
    pub(crate) covered: bool,
    #[s3(key)]
    pub(crate) grade: char,
    pub(crate) full_name: String,
    #[serde(rename = "alt")]
    pub(crate) altitude: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(skip)]
    pub(crate) cached: u8,
    #[serde(with = "as_text")]
    pub(crate) celsius: i32,
    #[serde(flatten)]
    pub(crate) others: BTreeMap<String, Value>,
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(value: &i32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "names")]
pub(crate) struct Name {
    #[s3(key)]
    pub(crate) name: String,
    #[s3(text)]
    pub(crate) meaning: String,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "blobs")]
pub(crate) struct Blob {
    #[s3(key, ordered)]
    pub(crate) id: u32,
    #[s3(bytes)]
    pub(crate) content: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
pub(crate) struct SiteVisit {
    #[s3(key)]
    pub(crate) visitor: Uuid,
    #[s3(key)]
    pub(crate) page: String,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "events")]
pub(crate) struct ChronoEvent {
    #[s3(key)]
    pub(crate) day: chrono::NaiveDate,
    #[s3(key)]
    pub(crate) at: chrono::DateTime<chrono::Utc>,
    #[s3(data)]
    pub(crate) amount: i32,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "events")]
pub(crate) struct JiffEvent {
    #[s3(key)]
    pub(crate) day: jiff::civil::Date,
    #[s3(key)]
    pub(crate) at: jiff::Timestamp,
    #[s3(data)]
    pub(crate) amount: i32,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "newest")]
pub(crate) struct Newest {
    #[s3(key, descending)]
    pub(crate) a: u8,
    #[s3(key, ordered, descending)]
    pub(crate) b: i8,
    #[s3(key, ordered, descending)]
    pub(crate) c: u64,
    #[s3(key, descending)]
    pub(crate) day: chrono::NaiveDate,
    #[s3(key, descending)]
    pub(crate) at: chrono::DateTime<chrono::Utc>,
    #[s3(key, descending)]
    pub(crate) id: Uuid,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "others")]
pub(crate) struct Others {
    #[s3(key)]
    pub(crate) count: NonZeroU8,
    #[s3(key, width = 3)]
    pub(crate) offset: NonZeroI16,
    #[s3(key)]
    pub(crate) v4: Ipv4Addr,
    #[s3(key, ordered)]
    pub(crate) from: Ipv4Addr,
    #[s3(key)]
    pub(crate) v6: Ipv6Addr,
    #[s3(key, ordered)]
    pub(crate) any: IpAddr,
    #[s3(key)]
    pub(crate) seen: SystemTime,
    #[s3(key)]
    pub(crate) local: chrono::NaiveDateTime,
    #[s3(key)]
    pub(crate) civil: jiff::civil::DateTime,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "weather", layout = "hive")]
pub(crate) struct MonthlyWeather {
    #[s3(key)]
    pub(crate) city: String,
    #[s3(key)]
    pub(crate) year: u16,
    #[s3(key, width = 2)]
    pub(crate) month: u8,
    #[s3(key, rename = "état~")]
    pub(crate) state: String,
    pub(crate) high: f64,
    pub(crate) low: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "hive_text", layout = "hive")]
pub(crate) struct HiveText {
    #[s3(key)]
    pub(crate) id: u8,
    #[s3(text)]
    pub(crate) text: String,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "hive_data", layout = "hive")]
pub(crate) struct HiveData {
    #[s3(key, ordered)]
    pub(crate) id: u16,
    #[s3(data)]
    pub(crate) data: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "hive_empty", layout = "hive")]
pub(crate) struct HiveEmpty {
    #[s3(key)]
    pub(crate) on: chrono::NaiveDate,
    #[s3(key)]
    pub(crate) flag: bool,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "naïve~table")]
pub(crate) struct EscapedTable {
    #[s3(key)]
    pub(crate) id: u8,
    #[s3(data)]
    pub(crate) value: bool,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "long")]
pub(crate) struct Long {
    #[s3(key)]
    pub(crate) a: String,
    #[s3(key)]
    pub(crate) b: String,
    #[s3(key)]
    pub(crate) c: String,
    #[s3(key)]
    pub(crate) d: String,
    #[s3(data)]
    pub(crate) data: String,
}
