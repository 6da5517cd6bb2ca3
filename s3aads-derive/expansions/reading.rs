// What the derive makes of
//
// pub struct Reading {
//     #[s3(key)]
//     pub station: String,
//     #[s3(key, width = 2)]
//     pub month: u8,
//     #[s3(data)]
//     pub values: Vec<f64>,
// }

/// The key of a [`Reading`]: its key columns, ordered column by column. Its text is the row's path in the table; [the guide](::s3aads::guide::keys) says how each column is written.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
pub struct ReadingKey {
    /// The key column `station`.
    pub station: String,
    /// The key column `month`.
    pub month: u8,
}
/// The key columns of [`Reading`], as [`filter`](::s3aads::Query::filter) and [`distinct`](::s3aads::Query::distinct) take them.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
pub struct ReadingColumns {
    /// The key column `station`.
    pub station: ::s3aads::Column<Reading, String>,
    /// The key column `month`.
    pub month: ::s3aads::Column<Reading, u8>,
}
/// A [query](::s3aads::Query) for [`Reading`]s, with a filter and a list of values for each key column. [The guide](::s3aads::guide::cost) says what a query costs.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
#[must_use = "a query does nothing until one of its results is asked for"]
pub struct ReadingQuery(::s3aads::Query<Reading>);
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
#[automatically_derived]
impl ReadingQuery {
    /// The rows whose `station` is [the value, in the range or one of the values given](::s3aads::IntoFilter). Sends nothing; a second filter narrows the first.
    pub fn filter_by_station(&self, filter: impl ::s3aads::IntoFilter<String>) -> Self {
        ::s3aads::Query::filter(
            &self.0,
            <Reading as ::s3aads::S3Table>::COLUMNS.station,
            filter,
        )
    }
    /// The distinct values of `station`, in order. No row is read. A value may be that of a folder in which no row is; [`distinct_exact`](::s3aads::Query::distinct_exact) tells those of rows alone.
    pub fn stations(&self) -> ::s3aads::Values<String> {
        ::s3aads::Values::new(&self.0, <Reading as ::s3aads::S3Table>::COLUMNS.station)
    }
    /// The rows whose `month` is [the value, in the range or one of the values given](::s3aads::IntoFilter). Sends nothing; a second filter narrows the first.
    pub fn filter_by_month(&self, filter: impl ::s3aads::IntoFilter<u8>) -> Self {
        ::s3aads::Query::filter(
            &self.0,
            <Reading as ::s3aads::S3Table>::COLUMNS.month,
            filter,
        )
    }
    /// The distinct values of `month`, in order. No row is read. A value may be that of a folder in which no row is; [`distinct_exact`](::s3aads::Query::distinct_exact) tells those of rows alone.
    pub fn months(&self) -> ::s3aads::Values<u8> {
        ::s3aads::Values::new(&self.0, <Reading as ::s3aads::S3Table>::COLUMNS.month)
    }
}
/// The [table](::s3aads::Table) of [`Reading`]s. [The tutorial](::s3aads::guide::tutorial) shows what it does.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
pub type ReadingTable = ::s3aads::Table<Reading>;
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
const _: () = {
    #[derive(::s3aads::__private::serde::Serialize)]
    #[serde(crate = "::s3aads::__private::serde")]
    #[serde(transparent)]
    #[serde(remote = "Reading")]
    struct __S3Written {
        values: Vec<f64>,
    }
    struct __S3Row<'a>(&'a Reading);
    #[automatically_derived]
    impl ::s3aads::__private::serde::Serialize for __S3Row<'_> {
        fn serialize<__S: ::s3aads::__private::serde::Serializer>(
            &self,
            serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            use ::s3aads::__private::NotWritten as _;
            __S3Written::serialize(self.0, serializer)
        }
    }
    #[derive(::s3aads::__private::serde::Deserialize)]
    #[serde(crate = "::s3aads::__private::serde")]
    #[serde(transparent)]
    struct __S3Read {
        values: Vec<f64>,
    }
    #[automatically_derived]
    impl ::s3aads::S3Table for Reading {
        type Key = ReadingKey;
        type Query = ReadingQuery;
        type Columns = ReadingColumns;
        const SCHEMA: &'static ::s3aads::Schema = &::s3aads::Schema::new(
            "reading",
            {
                const COLUMNS: &[::s3aads::ColumnSchema] = &[
                    <Reading as ::s3aads::S3Table>::COLUMNS
                        .station
                        .schema("station", ::s3aads::Encoding::Plain),
                    <Reading as ::s3aads::S3Table>::COLUMNS
                        .month
                        .schema("month", ::s3aads::Encoding::Width(2u8)),
                ];
                COLUMNS
            },
            ::s3aads::Layout::Plain,
            ::s3aads::BodyFormat::Data,
        );
        const COLUMNS: ReadingColumns = ReadingColumns {
            station: ::s3aads::__private::new_column::<Reading, String, _>(0).plain(),
            month: ::s3aads::__private::new_column::<Reading, u8, _>(1).padded(),
        };
        fn to_key(&self) -> ReadingKey {
            ::core::convert::From::from(self)
        }
        fn write_body(
            &self,
        ) -> ::core::result::Result<
            ::s3aads::__private::Bytes,
            ::s3aads::__private::BodyError,
        > {
            use ::s3aads::__private::{NotStored as _, WriteJson as _};
            (&::s3aads::__private::Json::<_, __S3Read>::new(&__S3Row(self))).to_json()
        }
        fn read_body(
            key: ReadingKey,
            body: &::s3aads::__private::Bytes,
        ) -> ::core::result::Result<Self, ::s3aads::__private::BodyError> {
            use ::s3aads::__private::{NotStored as _, ReadJson as _};
            let body = (&::s3aads::__private::Json::<_, __S3Read>::new(body))
                .from_json()?;
            ::core::result::Result::Ok(Self {
                station: key.station,
                month: key.month,
                values: body.values,
            })
        }
        fn trace_body<__S3Trace: ::s3aads::__private::Trace>(trace: &__S3Trace) {
            use ::s3aads::__private::{NotStored as _, TraceJson as _};
            (&::s3aads::__private::Json::<_, __S3Read>::new(trace)).trace()
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for ReadingKey {
        fn clone(&self) -> Self {
            let columns = <Reading as ::s3aads::S3Table>::COLUMNS;
            Self {
                station: columns.station.copy(&self.station),
                month: columns.month.copy(&self.month),
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Ord for ReadingKey {
        fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
            let columns = <Reading as ::s3aads::S3Table>::COLUMNS;
            let order = ::core::cmp::Ordering::Equal;
            let order = columns.station.order(order, &self.station, &other.station);
            let order = columns.month.order(order, &self.month, &other.month);
            order
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialOrd for ReadingKey {
        fn partial_cmp(
            &self,
            other: &Self,
        ) -> ::core::option::Option<::core::cmp::Ordering> {
            ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialEq for ReadingKey {
        fn eq(&self, other: &Self) -> ::core::primitive::bool {
            ::core::cmp::Ord::cmp(self, other).is_eq()
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Eq for ReadingKey {}
    #[automatically_derived]
    impl ::core::hash::Hash for ReadingKey {
        fn hash<__H: ::core::hash::Hasher>(&self, hasher: &mut __H) {
            let columns = <Reading as ::s3aads::S3Table>::COLUMNS;
            columns.station.hash(&self.station, hasher);
            columns.month.hash(&self.month, hasher);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for ReadingKey {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            let columns = <Reading as ::s3aads::S3Table>::COLUMNS;
            f.debug_struct("ReadingKey")
                .field("station", &columns.station.show(&self.station))
                .field("month", &columns.month.show(&self.month))
                .finish()
        }
    }
    #[automatically_derived]
    impl ::s3aads::TableKey for ReadingKey {
        const SCHEMA: &'static ::s3aads::Schema = <Reading as ::s3aads::S3Table>::SCHEMA;
        fn write(&self, writer: &mut ::s3aads::__private::KeyWriter) {
            let columns = <Reading as ::s3aads::S3Table>::COLUMNS;
            columns.station.write(&self.station, writer);
            columns.month.write(&self.month, writer);
        }
        fn read(
            reader: &mut ::s3aads::__private::KeyReader<'_>,
        ) -> ::s3aads::Result<Self> {
            let columns = <Reading as ::s3aads::S3Table>::COLUMNS;
            ::core::result::Result::Ok(Self {
                station: columns.station.read(reader)?,
                month: columns.month.read(reader)?,
            })
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for ReadingKey {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            ::s3aads::__private::show_key(self, f)
        }
    }
    #[automatically_derived]
    impl ::core::str::FromStr for ReadingKey {
        type Err = ::s3aads::Error;
        fn from_str(path: &::core::primitive::str) -> ::s3aads::Result<Self> {
            ::s3aads::__private::parse_key(path)
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::serde::Serialize for ReadingKey {
        fn serialize<__S: ::s3aads::__private::serde::Serializer>(
            &self,
            serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            ::s3aads::__private::serialize_key(self, "ReadingKey", serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::s3aads::__private::serde::Deserialize<'de> for ReadingKey {
        fn deserialize<__D: ::s3aads::__private::serde::Deserializer<'de>>(
            deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::s3aads::__private::deserialize_key(
                "ReadingKey",
                &["station", "month"],
                deserializer,
            )
        }
    }
    impl<K> ::core::convert::From<K> for ReadingKey
    where
        Self: ::s3aads::__private::FromKey<K>,
    {
        fn from(key: K) -> Self {
            ::s3aads::__private::FromKey::from_key(key)
        }
    }
    type __S3Columns = (String, u8);
    impl<station, month> ::s3aads::__private::FromKey<(station, month)> for ReadingKey
    where
        __S3Columns: ::s3aads::__private::FromValues<(station, month)>,
    {
        fn from_key(key: (station, month)) -> Self {
            let columns: __S3Columns = ::s3aads::__private::FromValues::from_values(key);
            Self {
                station: columns.0,
                month: columns.1,
            }
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::FromKey<&Reading> for ReadingKey {
        fn from_key(key: &Reading) -> Self {
            Self {
                station: <Reading as ::s3aads::S3Table>::COLUMNS
                    .station
                    .copy(&key.station),
                month: <Reading as ::s3aads::S3Table>::COLUMNS.month.copy(&key.month),
            }
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::FromKey<&ReadingKey> for ReadingKey {
        fn from_key(key: &ReadingKey) -> Self {
            ::core::clone::Clone::clone(key)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::s3aads::Query<Reading>> for ReadingQuery {
        fn from(query: ::s3aads::Query<Reading>) -> Self {
            Self(query)
        }
    }
    #[automatically_derived]
    impl ::core::ops::Deref for ReadingQuery {
        type Target = ::s3aads::Query<Reading>;
        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for ReadingQuery {
        fn clone(&self) -> Self {
            Self(::core::clone::Clone::clone(&self.0))
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for ReadingQuery {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            ::core::fmt::Debug::fmt(&self.0, f)
        }
    }
};
