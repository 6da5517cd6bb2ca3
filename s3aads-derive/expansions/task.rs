// What the derive makes of
//
// #[s3(index(by_state, columns = "state, day"))]
// struct Task {
//     #[s3(key)]
//     owner: String,
//     #[s3(key)]
//     day: u16,
//     #[s3(index)]
//     due: Option<u32>,
//     state: State,
// }

/// The key of a [`Task`]: its key columns, ordered column by column. Its text is the row's path in the table; [the guide](::s3aads::guide::keys) says how each column is written.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
struct TaskKey {
    /// The key column `owner`.
    owner: String,
    /// The key column `day`.
    day: u16,
}
/// The key columns of [`Task`], as [`filter`](::s3aads::Query::filter) and [`distinct`](::s3aads::Query::distinct) take them.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
struct TaskColumns {
    /// The key column `owner`.
    owner: ::s3aads::Column<Task, String>,
    /// The key column `day`.
    day: ::s3aads::Column<Task, u16>,
    /// The field `due`, which an index has.
    due: ::s3aads::Column<Task, u32>,
    /// The field `state`, which an index has.
    state: ::s3aads::Column<Task, State>,
}
/// A [query](::s3aads::Query) for [`Task`]s, with a filter and a list of values for each key column. [The guide](::s3aads::guide::cost) says what a query costs.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
#[must_use = "a query does nothing until one of its results is asked for"]
struct TaskQuery(::s3aads::Query<Task>);
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
#[automatically_derived]
impl TaskQuery {
    /// The rows whose `owner` is [the value, in the range or one of the values given](::s3aads::IntoFilter). Sends nothing; a second filter narrows the first.
    fn filter_by_owner(&self, filter: impl ::s3aads::IntoFilter<String>) -> Self {
        ::s3aads::Query::filter(
            &self.0,
            <Task as ::s3aads::S3Table>::COLUMNS.owner,
            filter,
        )
    }
    /// The distinct values of `owner`, in order. No row is read. A value may be that of a folder in which no row is; [`distinct_exact`](::s3aads::Query::distinct_exact) tells those of rows alone.
    fn owners(&self) -> ::s3aads::Values<String> {
        ::s3aads::Values::new(&self.0, <Task as ::s3aads::S3Table>::COLUMNS.owner)
    }
    /// The rows whose `day` is [the value, in the range or one of the values given](::s3aads::IntoFilter). Sends nothing; a second filter narrows the first.
    fn filter_by_day(&self, filter: impl ::s3aads::IntoFilter<u16>) -> Self {
        ::s3aads::Query::filter(
            &self.0,
            <Task as ::s3aads::S3Table>::COLUMNS.day,
            filter,
        )
    }
    /// The distinct values of `day`, in order. No row is read. A value may be that of a folder in which no row is; [`distinct_exact`](::s3aads::Query::distinct_exact) tells those of rows alone.
    fn days(&self) -> ::s3aads::Values<u16> {
        ::s3aads::Values::new(&self.0, <Task as ::s3aads::S3Table>::COLUMNS.day)
    }
    /// The rows whose `due` is [the value, in the range or one of the values given](::s3aads::IntoFilter). Sends nothing; a second filter narrows the first.
    fn filter_by_due(&self, filter: impl ::s3aads::IntoFilter<u32>) -> Self {
        ::s3aads::Query::filter(
            &self.0,
            <Task as ::s3aads::S3Table>::COLUMNS.due,
            filter,
        )
    }
    /// The distinct values of `due`, in order. No row is read. A value may be that of an index entry whose row never was written, or was changed since; [`distinct_exact`](::s3aads::Query::distinct_exact) tells those of rows alone.
    fn dues(&self) -> ::s3aads::Values<u32> {
        ::s3aads::Values::new(&self.0, <Task as ::s3aads::S3Table>::COLUMNS.due)
    }
    /// The rows whose `state` is [the value, in the range or one of the values given](::s3aads::IntoFilter). Sends nothing; a second filter narrows the first.
    fn filter_by_state(&self, filter: impl ::s3aads::IntoFilter<State>) -> Self {
        ::s3aads::Query::filter(
            &self.0,
            <Task as ::s3aads::S3Table>::COLUMNS.state,
            filter,
        )
    }
    /// The distinct values of `state`, in order. No row is read. A value may be that of an index entry whose row never was written, or was changed since; [`distinct_exact`](::s3aads::Query::distinct_exact) tells those of rows alone.
    fn states(&self) -> ::s3aads::Values<State> {
        ::s3aads::Values::new(&self.0, <Task as ::s3aads::S3Table>::COLUMNS.state)
    }
}
/// The [table](::s3aads::Table) of [`Task`]s. [The tutorial](::s3aads::guide::tutorial) shows what it does.
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
type TaskTable = ::s3aads::Table<Task>;
#[allow(dead_code, deprecated, unused_qualifications, unreachable_pub)]
#[allow(private_bounds, private_interfaces)]
#[allow(non_snake_case, non_camel_case_types)]
#[allow(missing_copy_implementations, missing_debug_implementations)]
#[allow(clippy::module_name_repetitions, clippy::same_name_method)]
#[allow(clippy::absolute_paths, clippy::redundant_pub_crate)]
const _: () = {
    type __S3Type0 = State;
    const _: () = {
        ::s3aads::__private::stored::<State>();
    };
    #[derive(::s3aads::__private::serde::Serialize)]
    #[serde(crate = "::s3aads::__private::serde")]
    #[serde(rename = "Task")]
    #[serde(expecting = "the body of a `Task`")]
    #[serde(bound = "for<'__s3> __S3Type0: ::s3aads::__private::serde::Serialize")]
    #[serde(remote = "Task")]
    struct __S3Written {
        due: Option<u32>,
        state: State,
    }
    struct __S3Row<'a>(&'a Task);
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
    #[serde(rename = "Task")]
    #[serde(expecting = "the body of a `Task`")]
    #[serde(
        bound = "for<'__s3> __S3Type0: ::s3aads::__private::serde::Deserialize<'de>"
    )]
    struct __S3Read {
        due: Option<u32>,
        state: State,
    }
    #[automatically_derived]
    impl ::s3aads::S3Table for Task {
        type Key = TaskKey;
        type Query = TaskQuery;
        type Columns = TaskColumns;
        const SCHEMA: &'static ::s3aads::Schema = &::s3aads::Schema::indexed(
            "task",
            {
                const COLUMNS: &[::s3aads::ColumnSchema] = &[
                    <Task as ::s3aads::S3Table>::COLUMNS
                        .owner
                        .schema("owner", ::s3aads::Encoding::Plain),
                    <Task as ::s3aads::S3Table>::COLUMNS
                        .day
                        .schema("day", ::s3aads::Encoding::Plain),
                ];
                COLUMNS
            },
            ::s3aads::Layout::Plain,
            {
                const FIELDS: &[::s3aads::IndexedField] = &[
                    ::s3aads::IndexedField::new(
                        <Task as ::s3aads::S3Table>::COLUMNS
                            .due
                            .schema("due", ::s3aads::Encoding::Plain),
                        true,
                    ),
                    ::s3aads::IndexedField::new(
                        <Task as ::s3aads::S3Table>::COLUMNS
                            .state
                            .schema("state", ::s3aads::Encoding::Plain),
                        false,
                    ),
                ];
                FIELDS
            },
            {
                const INDEXES: &[::s3aads::IndexSchema] = &[
                    ::s3aads::IndexSchema::new("due", &[2]),
                    ::s3aads::IndexSchema::new("by_state", &[3, 1]),
                ];
                INDEXES
            },
        );
        const COLUMNS: TaskColumns = TaskColumns {
            owner: ::s3aads::__private::new_column::<Task, String, _>(0).plain(),
            day: ::s3aads::__private::new_column::<Task, u16, _>(1).plain(),
            due: ::s3aads::__private::new_column::<Task, u32, _>(2).plain(),
            state: ::s3aads::__private::new_column::<Task, State, _>(3).plain(),
        };
        fn to_key(&self) -> TaskKey {
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
            key: TaskKey,
            body: &::s3aads::__private::Bytes,
        ) -> ::core::result::Result<Self, ::s3aads::__private::BodyError> {
            use ::s3aads::__private::{NotStored as _, ReadJson as _};
            let body = &::s3aads::__private::unstamped(body);
            let body = (&::s3aads::__private::Json::<_, __S3Read>::new(body))
                .from_json()?;
            ::core::result::Result::Ok(Self {
                owner: key.owner,
                day: key.day,
                due: body.due,
                state: body.state,
            })
        }
        fn trace_body<__S3Trace: ::s3aads::__private::Trace>(trace: &__S3Trace) {
            use ::s3aads::__private::{NotStored as _, TraceJson as _};
            (&::s3aads::__private::Json::<_, __S3Read>::new(trace)).trace()
        }
        fn write_fields(&self, writer: &mut ::s3aads::__private::FieldWriter) {
            let columns = <Task as ::s3aads::S3Table>::COLUMNS;
            columns.due.write_field(::core::option::Option::as_ref(&self.due), writer);
            columns.state.write_field(::core::option::Option::Some(&self.state), writer);
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for TaskKey {
        fn clone(&self) -> Self {
            let columns = <Task as ::s3aads::S3Table>::COLUMNS;
            Self {
                owner: columns.owner.copy(&self.owner),
                day: columns.day.copy(&self.day),
            }
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Ord for TaskKey {
        fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
            let columns = <Task as ::s3aads::S3Table>::COLUMNS;
            let order = ::core::cmp::Ordering::Equal;
            let order = columns.owner.order(order, &self.owner, &other.owner);
            let order = columns.day.order(order, &self.day, &other.day);
            order
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialOrd for TaskKey {
        fn partial_cmp(
            &self,
            other: &Self,
        ) -> ::core::option::Option<::core::cmp::Ordering> {
            ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
        }
    }
    #[automatically_derived]
    impl ::core::cmp::PartialEq for TaskKey {
        fn eq(&self, other: &Self) -> ::core::primitive::bool {
            ::core::cmp::Ord::cmp(self, other).is_eq()
        }
    }
    #[automatically_derived]
    impl ::core::cmp::Eq for TaskKey {}
    #[automatically_derived]
    impl ::core::hash::Hash for TaskKey {
        fn hash<__H: ::core::hash::Hasher>(&self, hasher: &mut __H) {
            let columns = <Task as ::s3aads::S3Table>::COLUMNS;
            columns.owner.hash(&self.owner, hasher);
            columns.day.hash(&self.day, hasher);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for TaskKey {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            let columns = <Task as ::s3aads::S3Table>::COLUMNS;
            f.debug_struct("TaskKey")
                .field("owner", &columns.owner.show(&self.owner))
                .field("day", &columns.day.show(&self.day))
                .finish()
        }
    }
    #[automatically_derived]
    impl ::s3aads::TableKey for TaskKey {
        const SCHEMA: &'static ::s3aads::Schema = <Task as ::s3aads::S3Table>::SCHEMA;
        fn write(&self, writer: &mut ::s3aads::__private::KeyWriter) {
            let columns = <Task as ::s3aads::S3Table>::COLUMNS;
            columns.owner.write(&self.owner, writer);
            columns.day.write(&self.day, writer);
        }
        fn read(
            reader: &mut ::s3aads::__private::KeyReader<'_>,
        ) -> ::s3aads::Result<Self> {
            let columns = <Task as ::s3aads::S3Table>::COLUMNS;
            ::core::result::Result::Ok(Self {
                owner: columns.owner.read(reader)?,
                day: columns.day.read(reader)?,
            })
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for TaskKey {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            ::s3aads::__private::show_key(self, f)
        }
    }
    #[automatically_derived]
    impl ::core::str::FromStr for TaskKey {
        type Err = ::s3aads::Error;
        fn from_str(path: &::core::primitive::str) -> ::s3aads::Result<Self> {
            ::s3aads::__private::parse_key(path)
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::serde::Serialize for TaskKey {
        fn serialize<__S: ::s3aads::__private::serde::Serializer>(
            &self,
            serializer: __S,
        ) -> ::core::result::Result<__S::Ok, __S::Error> {
            ::s3aads::__private::serialize_key(self, "TaskKey", serializer)
        }
    }
    #[automatically_derived]
    impl<'de> ::s3aads::__private::serde::Deserialize<'de> for TaskKey {
        fn deserialize<__D: ::s3aads::__private::serde::Deserializer<'de>>(
            deserializer: __D,
        ) -> ::core::result::Result<Self, __D::Error> {
            ::s3aads::__private::deserialize_key(
                "TaskKey",
                &["owner", "day"],
                deserializer,
            )
        }
    }
    impl<K> ::core::convert::From<K> for TaskKey
    where
        Self: ::s3aads::__private::FromKey<K>,
    {
        fn from(key: K) -> Self {
            ::s3aads::__private::FromKey::from_key(key)
        }
    }
    type __S3Columns = (String, u16);
    impl<owner, day> ::s3aads::__private::FromKey<(owner, day)> for TaskKey
    where
        __S3Columns: ::s3aads::__private::FromValues<(owner, day)>,
    {
        fn from_key(key: (owner, day)) -> Self {
            let columns: __S3Columns = ::s3aads::__private::FromValues::from_values(key);
            Self {
                owner: columns.0,
                day: columns.1,
            }
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::FromKey<&Task> for TaskKey {
        fn from_key(key: &Task) -> Self {
            Self {
                owner: <Task as ::s3aads::S3Table>::COLUMNS.owner.copy(&key.owner),
                day: <Task as ::s3aads::S3Table>::COLUMNS.day.copy(&key.day),
            }
        }
    }
    #[automatically_derived]
    impl ::s3aads::__private::FromKey<&TaskKey> for TaskKey {
        fn from_key(key: &TaskKey) -> Self {
            ::core::clone::Clone::clone(key)
        }
    }
    #[automatically_derived]
    impl ::core::convert::From<::s3aads::Query<Task>> for TaskQuery {
        fn from(query: ::s3aads::Query<Task>) -> Self {
            Self(query)
        }
    }
    #[automatically_derived]
    impl ::core::ops::Deref for TaskQuery {
        type Target = ::s3aads::Query<Task>;
        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }
    #[automatically_derived]
    impl ::core::clone::Clone for TaskQuery {
        fn clone(&self) -> Self {
            Self(::core::clone::Clone::clone(&self.0))
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for TaskQuery {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            ::core::fmt::Debug::fmt(&self.0, f)
        }
    }
};
