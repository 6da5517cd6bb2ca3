//! The set-up that the documentation's examples share, so that an example shows its own lines and hides two:
//!
//! ```text
//! # doc_examples::days!(|db, days| {
//! let keys = days.filter_by_year(2021..).keys().await?;
//! # });
//! ```
//!
//! They are macros and depend on nothing: a function that takes a `Table<Day>` would need the library, and the library's own
//! tests would then build it twice. The names of the handles stand in the call, since a macro's own are not seen outside.

/// Runs an example on an empty database in memory. `?` works in it, and `Database`, `ErrorKind` and `S3Table` are in scope.
#[macro_export]
macro_rules! memory {
    (|$db:ident| { $($example:tt)* }) => {{
        #[allow(unused_imports)]
        use ::s3aads::{Database, ErrorKind, S3Table};

        #[::tokio::main(flavor = "current_thread")]
        async fn example() -> ::s3aads::Result<()> {
            let $db = Database::open("memory:///example")?;
            $db.create().await?;
            $($example)*
            Ok(())
        }

        example().unwrap();
    }};
}

/// [`memory!`] with a table of days that has no rows.
#[macro_export]
macro_rules! no_days {
    (|$db:ident, $days:ident| { $($example:tt)* }) => {
        $crate::memory!(|$db| {
            #[derive(Debug, Clone, PartialEq, S3Table)]
            struct Day {
                #[s3(key)]
                id: u64,
                #[s3(key)]
                year: u16,
                rain: f64,
            }
            let $days = $db.table::<Day>();
            $($example)*
        })
    };
}

/// [`memory!`] with a table of two days: `1/2020` with 0.5 of rain, and `2/2021` with 1.5.
#[macro_export]
macro_rules! days {
    (|$db:ident, $days:ident| { $($example:tt)* }) => {
        $crate::no_days!(|$db, $days| {
            $days.insert(&Day { id: 1, year: 2020, rain: 0.5 }).await?;
            $days.insert(&Day { id: 2, year: 2021, rain: 1.5 }).await?;
            $($example)*
        })
    };
}

/// [`memory!`] with the guide's table of weather, which has no rows.
#[macro_export]
macro_rules! no_weather {
    (|$db:ident, $days:ident| { $($example:tt)* }) => {
        $crate::memory!(|$db| {
            #[derive(Debug, Clone, PartialEq, S3Table)]
            struct Weather {
                #[s3(key)]
                city: String,
                #[s3(key, width = 4)]
                year: u16,
                #[s3(key, width = 2)]
                month: u8,
                #[s3(key, width = 2)]
                day: u8,
                temp_max: f64,
                rain: f64,
            }
            let $days = $db.table::<Weather>();
            $($example)*
        })
    };
}

/// [`no_weather!`] with July 2024 in Oslo, and its ninth day in Seattle.
#[macro_export]
macro_rules! weather {
    (|$db:ident, $days:ident| { $($example:tt)* }) => {
        $crate::no_weather!(|$db, $days| {
            let oslo = (1..=31).map(|day| Weather {
                city: "Oslo".into(), year: 2024, month: 7, day, temp_max: 21.5, rain: 1.2,
            });
            $days.insert_all(oslo).await.into_result()?;
            let seattle = Weather {
                city: "Seattle".into(), year: 2024, month: 7, day: 9, temp_max: 36.1, rain: 0.0,
            };
            $days.insert(&seattle).await?;
            $($example)*
        })
    };
}
