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
