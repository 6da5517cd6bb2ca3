//! Rows and columns that are named as something that generated code could name.

/// A row of each name, with fields whose types have such names too.
macro_rules! rows {
    ($($name:ident)*) => {
        $(
            #[allow(non_snake_case)]
            mod $name {
                /// A row with a name that has another meaning elsewhere.
                #[allow(clippy::redundant_pub_crate)]
                #[derive(::s3aads::S3Table)]
                pub(crate) struct $name {
                    #[s3(key)]
                    pub(crate) id: u64,
                    #[s3(key)]
                    pub(crate) kind: super::Kind,
                    pub(crate) value: ::std::string::String,
                    pub(crate) more: ::std::vec::Vec<super::Inner>,
                }
            }
        )*

        #[test]
        fn rows_are_named_as_anything() {
            use s3aads::S3Table as _;
            $({
                let row = $name::$name {
                    id: 1,
                    kind: Kind::Some,
                    value: "v".into(),
                    more: vec![],
                };
                assert_eq!(row.to_key().to_string(), "1/some");
                let body = row.write_body().unwrap();
                assert_eq!(body, r#"{"value":"v","more":[]}"#);
                let read = $name::$name::read_body(row.to_key(), &body).unwrap();
                assert_eq!((read.id, read.kind), (1, Kind::Some));
                assert_eq!((&*read.value, read.more.len()), ("v", 0));
            })*
        }
    };
}

rows! {
    A B C D E F H I K M Q R S T V W
    Result Option Some None Ok Err Vec String Box Clone Debug Ord Hash From Into
    Table Query Column Columns Schema Key KeyColumn S3Table Values Error Bytes Json Row
    Serialize Serializer Deserialize Deserializer Visitor
}

/// Variants that patterns could have named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, s3aads::KeyColumn)]
#[allow(clippy::redundant_pub_crate)]
pub(crate) enum Kind {
    Some,
    None,
}

/// A type of a body that is not of the standard library.
#[derive(serde::Serialize, serde::Deserialize)]
#[allow(clippy::redundant_pub_crate)]
pub(crate) struct Inner {
    _x: u8,
}

/// Key columns of types with the names of generic parameters.
mod types {
    #![allow(clippy::redundant_pub_crate)]

    use s3aads::{KeyColumn, S3Table};

    macro_rules! newtypes {
        ($($name:ident)*) => {
            $(
                #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
                pub(crate) struct $name(pub(crate) u8);
            )*
        };
    }

    newtypes!(C D F H K S T Result Option);

    #[derive(S3Table)]
    pub(crate) struct Row {
        #[s3(key)]
        pub(crate) c: C,
        #[s3(key)]
        pub(crate) d: D,
        #[s3(key)]
        pub(crate) f: F,
        #[s3(key)]
        pub(crate) h: H,
        #[s3(key)]
        pub(crate) k: K,
        #[s3(key)]
        pub(crate) s: S,
        #[s3(key)]
        pub(crate) t: T,
        #[s3(key)]
        pub(crate) result: Result,
        #[s3(key)]
        pub(crate) option: Option,
    }
}

#[test]
fn types_of_columns_are_named_as_anything() {
    use s3aads::S3Table as _;
    use types::{C, D, F, H, K, Option, Result, Row, S, T};

    let row = Row {
        c: C(1),
        d: D(2),
        f: F(3),
        h: H(4),
        k: K(5),
        s: S(6),
        t: T(7),
        result: Result(8),
        option: Option(9),
    };
    assert_eq!(row.to_key().to_string(), "1/2/3/4/5/6/7/8/9");
    assert_eq!("1/2/3/4/5/6/7/8/9".parse().ok(), Some(row.to_key()));
}

#[allow(non_snake_case, clippy::redundant_pub_crate)]
mod columns {
    /// A row whose columns are called as types are.
    #[derive(::s3aads::S3Table)]
    pub(crate) struct Row {
        #[s3(key)]
        pub(crate) Kind: super::Kind,
        #[s3(key)]
        pub(crate) u64: u64,
        #[s3(key)]
        pub(crate) K: u8,
        #[s3(key)]
        pub(crate) s3aads: u8,
        #[s3(key)]
        pub(crate) RowKey: String,
    }
}

#[test]
fn columns_are_named_as_types() {
    let key = columns::RowKey::from((Kind::Some, 1, 2, 3, "a"));
    assert_eq!(key.to_string(), "some/1/2/3/a");
}
