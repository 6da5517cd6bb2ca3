//! Where and how a row may be written: deprecated, by a macro, with aliases, in a function.

use bytes::Bytes;
use s3aads::S3Table as _;

pub mod deprecated {
    //! What is deprecated is reported where it is used, and not where it is declared.
    #![deny(deprecated)]

    /// A kind of old rows.
    #[deprecated]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, s3aads::KeyColumn)]
    pub enum Kind {
        /// Deprecated itself.
        #[deprecated]
        Old,
    }

    /// The number of an old row.
    #[deprecated(note = "use another")]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, s3aads::KeyColumn)]
    pub struct Number(#[deprecated] pub u8);

    /// An old row.
    #[deprecated(since = "0.1.0", note = "use another")]
    #[derive(Debug, s3aads::S3Table)]
    #[serde(default)]
    pub struct Old {
        /// An old column.
        #[s3(key)]
        #[deprecated]
        #[allow(deprecated)]
        pub kind: Kind,
        /// Another.
        #[s3(key)]
        #[deprecated]
        #[allow(deprecated)]
        pub number: Number,
        /// An old value.
        #[deprecated]
        pub value: Option<String>,
    }

    #[allow(deprecated)]
    impl Default for Old {
        fn default() -> Self {
            Self {
                kind: Kind::Old,
                number: Number(1),
                value: None,
            }
        }
    }

    /// An old row whose body is one value.
    #[deprecated]
    #[derive(Debug, s3aads::S3Table)]
    pub struct OldText {
        /// An old column.
        #[s3(key)]
        #[deprecated]
        pub id: u64,
        /// An old value.
        #[deprecated]
        #[s3(text)]
        pub value: String,
    }
}

#[test]
#[allow(deprecated)]
fn a_deprecated_row() {
    let row = deprecated::Old::default();
    assert_eq!(row.to_key().to_string(), "old/1");
    assert_eq!(row.write_body().unwrap(), r#"{"value":null}"#);
    let row = deprecated::OldText {
        id: 1,
        value: "v".to_owned(),
    };
    assert_eq!(row.write_body().unwrap(), "v");
}

/// A row that a macro declares.
macro_rules! row {
    (
        $(#[$attr:meta])*
        $vis:vis $row:ident($table:literal, $width:literal) {
            $key:ident: $key_type:ty,
            $($field:ident: $ty:ty,)*
        }
    ) => {
        $(#[$attr])*
        #[derive(s3aads::S3Table)]
        #[s3(table = $table)]
        $vis struct $row {
            #[s3(key, width = $width)]
            $key: $key_type,
            #[s3(key)]
            fixed: u8,
            $(
                #[serde(skip_serializing_if = "Option::is_none")]
                $field: $ty,
            )*
        }
    };
}

row! {
    /// By a macro.
    pub(crate) ByMacro("by-macro", 4) {
        year: u16,
        rain: Option<f64>,
        r#type: Option<Vec<String>>,
    }
}

row! {
    PrivateByMacro("by-macro", 4) {
        year: Year,
        inner: Option<Inner>,
    }
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Inner {
    _a: u8,
}

#[test]
fn a_row_by_a_macro() {
    let row = ByMacro {
        year: 7,
        fixed: 1,
        rain: None,
        r#type: Some(Vec::new()),
    };
    assert_eq!(ByMacro::SCHEMA.table(), "by-macro");
    assert_eq!(row.to_key().to_string(), "0007/1");
    let body = row.write_body().unwrap();
    assert_eq!(body, r#"{"type":[]}"#);
    let read = ByMacro::read_body(row.to_key(), &body).unwrap();
    assert_eq!((read.rain, read.r#type), (None, Some(Vec::new())));

    let row = PrivateByMacro {
        year: 7,
        fixed: 1,
        inner: Some(Inner { _a: 1 }),
    };
    assert_eq!(row.write_body().unwrap(), r#"{"inner":{"_a":1}}"#);
}

type Year = u16;
type Name = String;
type Names = Vec<Name>;
type Maybe<T> = Option<T>;
type Raw = Vec<u8>;

/// Every type by another name.
#[derive(s3aads::S3Table)]
struct Aliased {
    #[s3(key, ordered)]
    year: Year,
    #[s3(key)]
    name: Name,
    names: Names,
    maybe: Maybe<Name>,
}

/// A body by another name.
#[derive(s3aads::S3Table)]
struct AliasedBytes {
    #[s3(key)]
    year: Year,
    #[s3(bytes)]
    raw: Raw,
}

#[test]
fn types_by_other_names() {
    let row = Aliased {
        year: 2020,
        name: "n".to_owned(),
        names: vec!["a".to_owned()],
        maybe: None,
    };
    assert_eq!(AliasedKey::from((2020, "n")), row.to_key());
    let body = row.write_body().unwrap();
    assert_eq!(body, r#"{"names":["a"],"maybe":null}"#);
    let row = AliasedBytes {
        year: 2020,
        raw: vec![1],
    };
    assert_eq!(row.to_key(), 2020.into());
    assert_eq!(&row.write_body().unwrap()[..], [1]);
}

/// Raw identifiers wherever a name may be.
#[derive(s3aads::S3Table)]
#[s3(handle = "r#dyn")]
#[allow(non_camel_case_types)]
struct r#struct {
    #[s3(key)]
    r#async: u8,
    #[s3(key, plural = "r#for")]
    r#await: u8,
    #[s3(key, plural = "gen")]
    r#try: r#enum,
    #[serde(default = "r#fn")]
    r#gen: u8,
    r#match: r#enum_,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, s3aads::KeyColumn)]
#[allow(non_camel_case_types)]
enum r#enum {
    r#type,
    #[s3(rename = "Other")]
    r#where,
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[allow(non_camel_case_types)]
struct r#enum_(u8);

const fn r#fn() -> u8 {
    3
}

#[test]
fn raw_identifiers() {
    fn methods(table: &r#dyn) {
        drop(table.asyncs());
        drop(table.r#for());
        drop(table.r#gen());
        drop(table.filter_by_try(r#enum::r#where));
        let _: dynQuery = table.filter_by_async(1);
    }
    let _: fn(&r#dyn) = methods;
    let row = r#struct {
        r#async: 1,
        r#await: 2,
        r#try: r#enum::r#type,
        r#gen: 4,
        r#match: r#enum_(5),
    };
    assert_eq!(r#struct::SCHEMA.table(), "struct");
    assert_eq!(row.to_key().to_string(), "1/2/type");
    assert_eq!(row.write_body().unwrap(), r#"{"gen":4,"match":5}"#);
    let body = Bytes::from_static(br#"{"match":5}"#);
    assert_eq!(r#struct::read_body(row.to_key(), &body).unwrap().r#gen, 3);
}

#[test]
fn structs_in_blocks_of_the_same_name() {
    let first = {
        #[derive(s3aads::S3Table)]
        struct Day {
            #[s3(key)]
            year: u16,
        }
        Day { year: 1 }.to_key().to_string()
    };
    let second = || {
        type Local = u8;
        #[derive(s3aads::S3Table)]
        struct Day {
            #[s3(key)]
            month: Local,
            #[s3(data)]
            data: Vec<Local>,
        }
        let day = Day {
            month: 2,
            data: vec![3],
        };
        (day.to_key().to_string(), day.write_body().unwrap())
    };
    assert_eq!(first, "1");
    assert_eq!(second(), ("2".to_owned(), "[3]".into()));
}
