//! The fixture's rows as values, table by table in the order of the file.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroI16, NonZeroU8};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;
use uuid::Uuid;

use crate::tables::{
    Blob, ChronoEvent, DailyData, EscapedTable, Floor, HiveData, HiveEmpty, HiveText, JiffEvent,
    Long, MonthlyWeather, Name, Newest, OrderedIntegers, Others, PaddedIntegers, PlainIntegers,
    SiteVisit, Station, StationId, Weather,
};

pub(crate) fn daily_data() -> Vec<DailyData> {
    let row = |id, year, month, day, data: &[&str]| DailyData {
        id,
        year,
        month,
        day,
        data: data.iter().map(ToString::to_string).collect(),
    };
    vec![
        row(1, 2020, 1, 1, &["a", "b"]),
        row(0, 0, 0, 0, &[]),
        row(u64::MAX, u16::MAX, 12, 99, &["Grüße, \"日本\"\n"]),
    ]
}

macro_rules! integer_rows {
    ($name:ident, $row:ident) => {
        pub(crate) fn $name() -> Vec<$row> {
            let row = |unsigned: u8, signed: i8| $row {
                a: unsigned,
                b: unsigned.into(),
                c: unsigned.into(),
                d: unsigned.into(),
                e: unsigned.into(),
                f: signed,
                g: signed.into(),
                h: signed.into(),
                i: signed.into(),
                j: signed.into(),
            };
            vec![
                $row {
                    f: i8::MIN,
                    g: i16::MIN,
                    h: i32::MIN,
                    i: i64::MIN,
                    j: i128::MIN,
                    ..row(0, 0)
                },
                row(1, -1),
                row(10, 0),
                $row {
                    a: u8::MAX,
                    b: u16::MAX,
                    c: u32::MAX,
                    d: u64::MAX,
                    e: u128::MAX,
                    f: i8::MAX,
                    g: i16::MAX,
                    h: i32::MAX,
                    i: i64::MAX,
                    j: i128::MAX,
                },
            ]
        }
    };
}

integer_rows!(plain_integers, PlainIntegers);
integer_rows!(ordered_integers, OrderedIntegers);

pub(crate) fn padded_integers() -> Vec<PaddedIntegers> {
    vec![
        PaddedIntegers {
            a: 7,
            b: -7,
            c: 42,
            d: -107,
        },
        PaddedIntegers {
            a: u8::MAX,
            b: i8::MIN,
            c: u128::MAX,
            d: i128::MIN,
        },
    ]
}

pub(crate) fn stations() -> Vec<Station> {
    let row = |id, floor, weather, covered, grade| Station {
        id: StationId(id),
        floor: Floor(floor),
        weather,
        covered,
        grade,
        full_name: String::new(),
        altitude: 0.0,
        note: None,
        cached: 0,
        celsius: 0,
        others: BTreeMap::new(),
    };
    let others = [("owner", json!("ada")), ("since", json!({"year": 1990}))];
    vec![
        Station {
            full_name: "Zürich".into(),
            altitude: 421.5,
            celsius: -21,
            ..row(42, i8::MIN, Weather::Sun, true, 'A')
        },
        Station {
            note: Some("a\tb".into()),
            ..row(0, -1, Weather::LightRain, false, '/')
        },
        Station {
            full_name: "\"Pole\"".into(),
            altitude: -1.5,
            celsius: 35,
            others: others.map(|(name, value)| (name.into(), value)).into(),
            ..row(99_999, 0, Weather::Sleet, true, '%')
        },
        Station {
            full_name: "x".into(),
            altitude: 8848.86,
            celsius: i32::MAX,
            ..row(1, i8::MAX, Weather::Snow, false, char::MAX)
        },
        Station {
            full_name: "dot".into(),
            altitude: 1.0,
            celsius: 1,
            ..row(1, i8::MAX, Weather::Snow, false, '.')
        },
        Station {
            full_name: "nul".into(),
            altitude: 1.0,
            celsius: 1,
            ..row(1, i8::MAX, Weather::Snow, false, '\0')
        },
    ]
}

pub(crate) fn names() -> Vec<Name> {
    [
        ("", "the empty text"),
        (".", "the folder itself"),
        ("..", "the folder above"),
        ("...", "three dots"),
        (".hidden", "a dot and more"),
        ("plain", ""),
        ("Plain", "upper case"),
        ("two words", "a space"),
        ("a/b", "a slash"),
        ("/", "only a slash"),
        ("//", "two slashes"),
        ("../../etc/passwd", "a way out"),
        ("%", "a percent sign"),
        ("%_", "the segment of the empty text"),
        ("%2F", "an escape"),
        ("100%", "a percent sign at the end"),
        ("a%2Fb", "an escaped slash"),
        ("a=b&c+d,e;f:g@h!i$j'(k)", "signs that are kept"),
        ("\\{^}%`]\">[~<#|*?", "signs that are escaped"),
        ("\0", "NUL"),
        ("line\nfeed\r\n", "line ends"),
        ("tab\t\u{7f}", "a tab and DEL"),
        ("é", "one code point"),
        ("e\u{301}", "two code points"),
        ("日本語", "日本語"),
        ("\u{202e}txt.exe", "right to left"),
        (
            "\u{1f469}\u{200d}\u{1f680}",
            "an astronaut \u{1f469}\u{200d}\u{1f680}",
        ),
        ("\u{feff}mark", "a byte order mark"),
        ("_s3aads", "the reserved table's name"),
    ]
    .map(|(name, meaning)| Name {
        name: name.into(),
        meaning: meaning.into(),
    })
    .into()
}

pub(crate) fn blobs() -> Vec<Blob> {
    let row = |id, content: &[u8]| Blob {
        id,
        content: content.into(),
    };
    vec![
        row(0, &[0, 1, 0x7f, 0x80, 0xff, 0xfe]),
        row(1, &[]),
        row(u32::MAX, b"\xef\xbb\xbf\r\n"),
    ]
}

pub(crate) fn site_visits() -> Vec<SiteVisit> {
    let row = |visitor, page: &str| SiteVisit {
        visitor: Uuid::from_u128(visitor),
        page: page.into(),
    };
    vec![
        row(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8, "home"),
        row(0, ""),
        row(u128::MAX, "a/b"),
    ]
}

/// Days, timestamps and amounts; each crate that models dates reads the first two.
const EVENTS: [(&str, &str, i32); 4] = [
    ("2020-01-31", "2020-01-31T23:59:59.123456789Z", 1),
    ("0000-01-01", "0000-01-01T00:00:00Z", -1),
    ("2024-02-29", "1970-01-01T00:00:00.000000001Z", 0),
    ("9999-12-31", "9999-12-30T22:00:00.999999999Z", i32::MAX),
];

pub(crate) fn chrono_events() -> Vec<ChronoEvent> {
    let row = |(day, at, amount): (&str, &str, _)| ChronoEvent {
        day: day.parse().unwrap(),
        at: at.parse().unwrap(),
        amount,
    };
    EVENTS.map(row).into()
}

pub(crate) fn jiff_events() -> Vec<JiffEvent> {
    let row = |(day, at, amount): (&str, &str, _)| JiffEvent {
        day: day.parse().unwrap(),
        at: at.parse().unwrap(),
        amount,
    };
    EVENTS.map(row).into()
}

pub(crate) fn newest() -> Vec<Newest> {
    let row = |a, b, c, day: &str, at: &str, id| Newest {
        a,
        b,
        c,
        day: day.parse().unwrap(),
        at: at.parse().unwrap(),
        id: Uuid::from_u128(id),
    };
    let id = 0x67e5_5444_10b1_26f9_4924_bb6b_8e5f_e0c8;
    vec![
        row(
            255,
            127,
            2020,
            "2020-01-31",
            "2020-01-31T23:59:59.123456789Z",
            id,
        ),
        row(7, -128, u64::MAX, "0000-01-01", "1970-01-01T00:00:00Z", 0),
        row(
            0,
            6,
            0,
            "9999-12-31",
            "9999-12-31T23:59:59.999999999Z",
            u128::MAX,
        ),
    ]
}

pub(crate) fn others() -> Vec<Others> {
    let nanosecond = Duration::from_nanos(1);
    vec![
        Others {
            count: NonZeroU8::new(7).unwrap(),
            offset: NonZeroI16::new(-9).unwrap(),
            v4: [10, 0, 0, 7].into(),
            from: [10, 0, 0, 7].into(),
            v6: "2001:db8::1".parse().unwrap(),
            any: "2001:db8::1".parse().unwrap(),
            seen: UNIX_EPOCH + Duration::new(1_580_515_199, 123_456_789),
            local: "2020-01-31T23:59:59.123456789".parse().unwrap(),
            civil: "2020-01-31T23:59:59".parse().unwrap(),
        },
        Others {
            count: NonZeroU8::MAX,
            offset: NonZeroI16::new(1).unwrap(),
            v4: Ipv4Addr::UNSPECIFIED,
            from: Ipv4Addr::BROADCAST,
            v6: Ipv6Addr::UNSPECIFIED,
            any: Ipv4Addr::LOCALHOST.into(),
            seen: UNIX_EPOCH - nanosecond,
            local: "0000-01-01T00:00:00".parse().unwrap(),
            civil: jiff::civil::DateTime::MAX,
        },
    ]
}

pub(crate) fn monthly_weather() -> Vec<MonthlyWeather> {
    let row = |city: &str, year, month, state: &str, high, low| MonthlyWeather {
        city: city.into(),
        year,
        month,
        state: state.into(),
        high,
        low,
    };
    vec![
        row("Seattle", 2015, 7, "dry", 31.7, None),
        row("São Paulo", 0, 1, "a/b=c", 0.0, Some(-3.25)),
        row("..", u16::MAX, 12, "row.json", -0.5, None),
        row("%\"#'*:?\\{[]^} ~&+東京", 1, 2, "NULL", 1.0, None),
    ]
}

pub(crate) fn hive_text() -> Vec<HiveText> {
    vec![HiveText {
        id: 7,
        text: "seven".into(),
    }]
}

pub(crate) fn hive_data() -> Vec<HiveData> {
    vec![HiveData {
        id: 18,
        data: [("a".to_owned(), vec![1])].into(),
    }]
}

pub(crate) fn hive_empty() -> Vec<HiveEmpty> {
    vec![HiveEmpty {
        on: "2020-01-31".parse().unwrap(),
        flag: false,
    }]
}

pub(crate) fn escaped_table() -> Vec<EscapedTable> {
    vec![EscapedTable { id: 1, value: true }]
}

/// A segment of 254 bytes each: a table of four letters, four slashes and four of them are 1,024.
pub(crate) fn long() -> Vec<Long> {
    vec![Long {
        a: "a".repeat(254),
        b: format!("{}bb", "é".repeat(42)),
        c: format!("{}cc", "c/".repeat(63)),
        d: "d".repeat(254),
        data: "the longest".into(),
    }]
}
