// What the derive makes of
//
// #[s3(layout = "hive")]
// #[serde(rename_all = "camelCase")]
// struct Day {
//     #[s3(key)]
//     day: u32,
//     #[serde(rename = "mm")]
//     rain: Option<f64>,
//     wind: Wind,
// }

/// The key of a [`Day`]: its key columns, ordered column by column. Its text is the row's path in the table; [the guide](::s3aads::guide::keys) says how each column is written.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
struct DayKey {
    /// The key column `day`.
    day: u32,
}
/// The key columns of [`Day`], as [`filter`](::s3aads::Query::filter) and [`distinct`](::s3aads::Query::distinct) take them.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
struct DayColumns {
    /// The key column `day`.
    day: ::s3aads::Column<Day, u32>,
}
/// A [query](::s3aads::Query) for [`Day`]s, with a filter and a list of values for each key column. [The guide](::s3aads::guide::cost) says what a query costs.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
#[must_use = "a query does nothing until one of its results is asked for"]
struct DayQuery(::s3aads::Query<Day>);
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
#[automatically_derived]
impl DayQuery {
    /// The rows whose `day` is [the value, in the range or one of the values given](::s3aads::IntoFilter). Sends nothing; a second filter narrows the first.
    fn filter_by_day(&self, filter: impl ::s3aads::IntoFilter<u32>) -> Self {
        ::s3aads::Query::filter(&self.0, <Day as ::s3aads::S3Table>::COLUMNS.day, filter)
    }
    /// The distinct values of `day`, in order. No row is read. A value may be that of a folder in which no row is; [`distinct_exact`](::s3aads::Query::distinct_exact) tells those of rows alone.
    fn days(&self) -> ::s3aads::Values<u32> {
        ::s3aads::Values::new(&self.0, <Day as ::s3aads::S3Table>::COLUMNS.day)
    }
}
/// The [table](::s3aads::Table) of [`Day`]s. [The tutorial](::s3aads::guide::tutorial) shows what it does.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
type DayTable = ::s3aads::Table<Day>;
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
const _: () = {
    type __S3Type0 = Wind;
    const _: () = {
        ::s3aads::__private::stored::<Wind>();
    };
    #[derive(::s3aads::__private::serde::Serialize)]
    #[serde(crate = "::s3aads::__private::serde")]
    #[serde(rename = "Day")]
    #[serde(expecting = "the body of a `Day`")]
    #[serde(rename_all = "camelCase")]
    #[serde(bound = "for<'__s3> __S3Type0: ::s3aads::__private::serde::Serialize")]
    #[serde(remote = "Day")]
    struct __S3Written {
        #[serde(rename = "mm")]
        rain: Option<f64>,
        wind: Wind,
    }
    struct __S3Row<'a>(&'a Day);
    #[automatically_derived]
    impl ::s3aads::__private::serde::Serialize for __S3Row<'_>
    where
        for<'__s3> __S3Type0: ::s3aads::__private::serde::Serialize,
    {
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
    #[serde(rename = "Day")]
    #[serde(expecting = "the body of a `Day`")]
    #[serde(rename_all = "camelCase")]
    #[serde(
        bound = "for<'__s3> __S3Type0: ::s3aads::__private::serde::Deserialize<'de>"
    )]
    struct __S3Read {
        #[serde(rename = "mm")]
        rain: Option<f64>,
        wind: Wind,
    }
    #[automatically_derived]
    impl ::s3aads::S3Table for Day {
        type Key = DayKey;
        type Query = DayQuery;
        type Columns = DayColumns;
        const SCHEMA: &'static ::s3aads::Schema = &::s3aads::Schema::new(
            "day",
            {
                const COLUMNS: &[::s3aads::ColumnSchema] = &[
                    <Day as ::s3aads::S3Table>::COLUMNS
                        .day
                        .schema("day", ::s3aads::Encoding::Plain),
                ];
                COLUMNS
            },
            ::s3aads::Layout::Hive,
            ::s3aads::BodyFormat::Object,
        );
        const COLUMNS: DayColumns = DayColumns {
            day: ::s3aads::__private::new_column::<Day, u32, _>(0).plain(),
        };
        fn to_key(&self) -> DayKey {
            ::core::convert::From::from(self)
        }
        fn write_body(
            &self,
        ) -> ::core::result::Result<
            ::s3aads::__private::Bytes,
            ::s3aads::__private::BodyError,
        > {
            use ::s3aads::__private::{NotStored as _, WriteJson as _};
            ::core::result::Result::map(
                (&::s3aads::__private::Json::<_, __S3Read>::new(&__S3Row(self)))
                    .to_json(),
                ::s3aads::__private::to_line,
            )
        }
        fn read_body(
            key: DayKey,
            body: &::s3aads::__private::Bytes,
        ) -> ::core::result::Result<Self, ::s3aads::__private::BodyError> {
            use ::s3aads::__private::{NotStored as _, ReadJson as _};
            let body = (&::s3aads::__private::Json::<_, __S3Read>::new(body))
                .from_json()?;
            ::core::result::Result::Ok(Self {
                day: key.day,
                rain: body.rain,
                wind: body.wind,
            })
        }
        fn trace_body<__S3Trace: ::s3aads::__private::Trace>(trace: &__S3Trace) {
            use ::s3aads::__private::{NotStored as _, TraceJson as _};
            (&::s3aads::__private::Json::<_, __S3Read>::new(trace)).trace()
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for DayKey {
        fn clone(&self) -> Self {
            let columns = <Day as ::s3aads::S3Table>::COLUMNS;
            Self {
                day: columns.day.copy(&self.day),
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Ord for DayKey {
        fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
            let columns = <Day as ::s3aads::S3Table>::COLUMNS;
            let order = ::core::cmp::Ordering::Equal;
            let order = columns.day.order(order, &self.day, &other.day);
            order
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialOrd for DayKey {
        fn partial_cmp(
            &self,
            other: &Self,
        ) -> ::core::option::Option<::core::cmp::Ordering> {
            ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialEq for DayKey {
        fn eq(&self, other: &Self) -> ::core::primitive::bool {
            ::core::cmp::Ord::cmp(self, other).is_eq()
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Eq for DayKey {}
    #[automatically_derived]
    impl ::core::hash::Hash for DayKey {
        fn hash<__H: ::core::hash::Hasher>(&self, hasher: &mut __H) {
            let columns = <Day as ::s3aads::S3Table>::COLUMNS;
            columns.day.hash(&self.day, hasher);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for DayKey {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            let columns = <Day as ::s3aads::S3Table>::COLUMNS;
            f.debug_struct("DayKey").field("day", &columns.day.show(&self.day)).finish()
        }
    }
    #[automatically_derived]
    impl ::s3aads::TableKey for DayKey {
        const SCHEMA: &'static ::s3aads::Schema = <Day as ::s3aads::S3Table>::SCHEMA;
        fn write(&self, writer: &mut ::s3aads::__private::KeyWriter) {
            let columns = <Day as ::s3aads::S3Table>::COLUMNS;
            columns.day.write(&self.day, writer);
        }
        fn read(
            reader: &mut ::s3aads::__private::KeyReader<'_>,
        ) -> ::s3aads::Result<Self> {
            let columns = <Day as ::s3aads::S3Table>::COLUMNS;
            ::core::result::Result::Ok(Self {
                day: columns.day.read(reader)?,
            })
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for DayKey {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            ::s3aads::__private::show_key(self, f)
        }
    }
    #[automatically_derived]
    impl ::core::str::FromStr for DayKey {
        type Err = ::s3aads::Error;
        fn from_str(path: &::core::primitive::str) -> ::s3aads::Result<Self> {
            ::s3aads::__private::parse_key(path)
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::serde::Serialize for DayKey {
        fn serialize<__S: ::s3aads::__private::serde::Serializer>(
            &self,
            serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            ::s3aads::__private::serialize_key(self, "DayKey", serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::s3aads::__private::serde::Deserialize<'de> for DayKey {
        fn deserialize<__D: ::s3aads::__private::serde::Deserializer<'de>>(
            deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::s3aads::__private::deserialize_key("DayKey", &["day"], deserializer)
        }
    }
    impl<K> ::core::convert::From<K> for DayKey
    where
        Self: ::s3aads::__private::FromKey<K>,
    {
        fn from(key: K) -> Self {
            ::s3aads::__private::FromKey::from_key(key)
        }
    }
    type __S3Columns = (u32,);
    impl<day> ::s3aads::__private::FromKey<(day,)> for DayKey
    where
        __S3Columns: ::s3aads::__private::FromValues<(day,)>,
    {
        fn from_key(key: (day,)) -> Self {
            let columns: __S3Columns = ::s3aads::__private::FromValues::from_values(key);
            Self { day: columns.0 }
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::FromKey<&Day> for DayKey {
        fn from_key(key: &Day) -> Self {
            Self {
                day: <Day as ::s3aads::S3Table>::COLUMNS.day.copy(&key.day),
            }
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::FromKey<&DayKey> for DayKey {
        fn from_key(key: &DayKey) -> Self {
            ::core::clone::Clone::clone(key)
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::FromKey<u32> for DayKey {
        fn from_key(key: u32) -> Self {
            Self { day: key }
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::FromKey<&u32> for DayKey {
        fn from_key(key: &u32) -> Self {
            Self {
                day: <Day as ::s3aads::S3Table>::COLUMNS.day.copy(key),
            }
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::s3aads::Query<Day>> for DayQuery {
        fn from(query: ::s3aads::Query<Day>) -> Self {
            Self(query)
        }
    }
    #[automatically_derived]
    impl ::core::ops::Deref for DayQuery {
        type Target = ::s3aads::Query<Day>;
        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for DayQuery {
        fn clone(&self) -> Self {
            Self(::core::clone::Clone::clone(&self.0))
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for DayQuery {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            ::core::fmt::Debug::fmt(&self.0, f)
        }
    }
};
