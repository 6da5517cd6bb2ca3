//! Generated code compiles wherever its struct does, under the strictest lints, and adds no
//! warning of its own. `ui.rs` compiles this crate in each edition.

#![deny(
    warnings,
    future_incompatible,
    nonstandard_style,
    rust_2018_idioms,
    unused,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unreachable_pub,
    unused_qualifications,
    unused_lifetimes,
    private_interfaces,
    private_bounds,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unnameable_types,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::absolute_paths,
    clippy::future_not_send
)]

mod names;
pub mod places;

/// A scope in which nothing has its usual meaning.
mod shadowed {
    #![no_implicit_prelude]
    #![allow(
        dead_code,
        non_camel_case_types,
        clippy::absolute_paths,
        clippy::redundant_pub_crate
    )]

    type Row = ();
    struct Result;
    struct Option;
    struct String;
    struct Vec;
    struct Box;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct From;
    struct Into;
    struct Clone;
    struct Debug;
    struct Table;
    struct Query;
    struct Column;
    struct Schema;
    struct C;
    struct F;
    struct S;
    mod core {}
    mod std {}
    mod s3aads {}
    mod serde {}

    /// Names that generated code could have used.
    #[derive(::s3aads::S3Table)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    pub(super) struct Day {
        #[s3(key)]
        pub(super) self_: u64,
        #[s3(key)]
        pub(super) r#type: ::std::string::String,
        #[s3(key)]
        pub(super) writer: u8,
        #[s3(key)]
        pub(super) reader: u8,
        #[s3(key, plural = "key_values")]
        pub(super) key: u8,
        #[s3(key)]
        pub(super) body: u8,
        #[s3(key)]
        pub(super) filter: u8,
        #[s3(key)]
        pub(super) table: u8,
        #[s3(key)]
        pub(super) query: u8,
        #[s3(key, plural = "colours")]
        pub(super) column: Colour,
        #[s3(key, width = 3)]
        pub(super) id: Id,
        pub(super) serializer: ::std::string::String,
        pub(super) r#in: ::core::option::Option<u8>,
        #[serde(default)]
        pub(super) state: u8,
    }

    /// A variant for everything that a `match` could have named.
    #[derive(
        ::core::fmt::Debug,
        ::core::clone::Clone,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::cmp::PartialOrd,
        ::core::cmp::Ord,
        ::core::hash::Hash,
        ::s3aads::KeyColumn,
    )]
    pub(super) enum Colour {
        None,
        Err,
        DarkRed,
    }

    /// A newtype.
    #[derive(
        ::core::fmt::Debug,
        ::core::clone::Clone,
        ::core::cmp::PartialEq,
        ::core::cmp::Eq,
        ::core::cmp::PartialOrd,
        ::core::cmp::Ord,
        ::core::hash::Hash,
        ::s3aads::KeyColumn,
    )]
    pub(super) struct Id(pub(super) u32);
}

mod private {
    #![allow(clippy::redundant_pub_crate)]

    use s3aads::{KeyColumn, S3Table};

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
    struct Secret(u8);

    /// Private fields, of private types.
    #[derive(S3Table)]
    #[s3(handle = "Hidden")]
    pub(crate) struct Private {
        #[s3(key)]
        secret: Secret,
        #[s3(data)]
        data: Vec<u8>,
    }

    impl Private {
        pub(crate) const fn new(secret: u8) -> Self {
            Self {
                secret: Secret(secret),
                data: Vec::new(),
            }
        }
    }
}

pub mod public {
    //! A public row, whose generated items have to be documented.

    use s3aads::S3Table;
    use serde::{Deserialize, Serialize};

    /// A row that is also serialized as a whole, in another form than its body.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, S3Table)]
    #[serde(rename_all = "SCREAMING_SNAKE_CASE", default)]
    #[s3(table = "days", layout = "hive")]
    pub struct Day {
        /// A serde attribute on a key is for the other form.
        #[s3(key)]
        #[serde(rename = "identifier", skip_serializing_if = "is_zero")]
        pub id: u64,
        /// Several words.
        pub wind_speed: u32,
        /// A keyword.
        pub r#type: Option<String>,
        unseen: bool,
    }

    impl Day {
        /// A day of wind and nothing else.
        #[must_use]
        pub const fn new(id: u64, wind_speed: u32) -> Self {
            Self {
                id,
                wind_speed,
                r#type: None,
                unseen: false,
            }
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref)]
    const fn is_zero(id: &u64) -> bool {
        *id == 0
    }
}

use s3aads::S3Table as _;

#[test]
fn names_of_the_scope_mean_nothing_to_generated_code() {
    let day = shadowed::Day {
        self_: 1,
        r#type: "t/u".into(),
        writer: 2,
        reader: 3,
        key: 4,
        body: 5,
        filter: 6,
        table: 7,
        query: 8,
        column: shadowed::Colour::DarkRed,
        id: shadowed::Id(9),
        serializer: "json".into(),
        r#in: Some(1),
        state: 0,
    };
    assert_eq!(
        day.to_key().to_string(),
        "1/t%2Fu/2/3/4/5/6/7/8/dark_red/009"
    );
    let names: Vec<_> = shadowed::Day::SCHEMA
        .columns()
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    assert_eq!(names[..2], ["self_", "type"]);
    let body = day.write_body().unwrap();
    assert_eq!(body, r#"{"serializer":"json","in":1,"state":0}"#);
}

#[test]
fn a_private_row_has_private_items() {
    let row = private::Private::new(7);
    assert_eq!(row.to_key(), private::PrivateKey::from(&row));
    let _: Option<private::Hidden> = None;
    let _: Option<private::HiddenQuery> = None;
}

#[test]
fn the_rows_own_serde_form_is_another() {
    let day = public::Day::new(1, 2);
    assert_eq!(
        serde_json::to_string(&day).unwrap(),
        r#"{"identifier":1,"WIND_SPEED":2,"TYPE":null,"UNSEEN":false}"#
    );
    assert_eq!(
        day.write_body().unwrap(),
        "{\"WIND_SPEED\":2,\"TYPE\":null,\"UNSEEN\":false}\n"
    );
}

#[test]
fn a_struct_in_a_function() {
    /// Inside of a function.
    #[derive(s3aads::S3Table)]
    struct Day {
        #[s3(key)]
        year: u16,
        others: Vec<Inner>,
    }
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Inner(u8);

    let day = Day {
        year: 2020,
        others: vec![Inner(1)],
    };
    assert_eq!(day.to_key(), DayKey { year: 2020 });
    assert_eq!(day.to_key(), 2020.into());
    assert_eq!(day.to_key(), (2020,).into());
    assert_eq!(day.write_body().unwrap(), r#"{"others":[1]}"#);
    let read = Day::read_body(day.to_key(), &day.write_body().unwrap()).unwrap();
    assert_eq!(read.others.len(), 1);
    assert_eq!(read.others[0].0, 1);
}

#[test]
fn futures_are_send() {
    fn is_send(_: &impl Send) {}
    fn all(days: &public::DayTable) {
        is_send(&days.ids());
        is_send(&days.filter_by_id(1).ids());
    }
    let _: fn(&public::DayTable) = all;
}

#[test]
fn a_column_whose_plural_is_a_keyword() {
    #[derive(s3aads::S3Table)]
    struct Letters {
        #[s3(key)]
        a: u8,
        #[s3(key)]
        _b: u8,
    }
    fn methods(letters: &LettersTable) {
        drop(letters.r#as());
        drop(letters.filter_by__b(1)._bs());
    }
    let _: fn(&LettersTable) = methods;
    assert_eq!(Letters { a: 1, _b: 2 }.to_key(), LettersKey { a: 1, _b: 2 });
}
