//! Typed columns, and sets of them for `distinct`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::Hasher;
use std::marker::PhantomData;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{
    ColumnType, Encoding, FieldWriter, Filter, HasDescending, HasHiveOrdered, HasOrdered, HasWidth,
    KeyColumn, KeyReader, KeyWriter, TextError,
};
use crate::plan::{Form, Predicate, compile};
use crate::schema::ColumnSchema;
use crate::table::S3Table;

/// One key column of the table of `T`, or a field that an index has, holding values of type `C`; a field
/// of [`S3Table::COLUMNS`].
///
/// ```
/// # doc_examples::memory!(|db| {
/// # #[derive(S3Table)]
/// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16 }
/// let days = db.table::<Day>();
/// days.insert(&Day { id: 1, year: 2020 }).await?;
/// assert_eq!(days.filter(Day::COLUMNS.year, 2020).count().await?, 1);
/// assert_eq!(days.distinct((Day::COLUMNS.id, Day::COLUMNS.year)).await?, [(1, 2020)]);
/// # });
/// ```
pub struct Column<T, C: 'static> {
    index: usize,
    ops: &'static Ops<C>,
    marker: PhantomData<fn() -> T>,
}

/// What is done to the values of one type.
///
/// Generated code names a key column's type in many places. That the type is a [`KeyColumn`] is
/// asked for in one of them, where [`Column::new`] is called, so that the compiler says only once
/// that it is not.
struct Ops<C> {
    column_type: ColumnType,
    encode: fn(&C, Encoding, &mut String) -> Result<(), TextError>,
    decode: fn(&str, Encoding) -> Result<C, TextError>,
    compile: fn(&Filter<C>, Form) -> Result<Predicate, TextError>,
    clone: fn(&C) -> C,
    cmp: fn(&C, &C) -> Ordering,
    hash: fn(&C, &mut dyn Hasher),
    debug: fn(&C, &mut fmt::Formatter<'_>) -> fmt::Result,
}

impl<C: KeyColumn> Ops<C> {
    const OF: &'static Self = &Self {
        column_type: C::TYPE,
        encode: C::encode,
        decode: C::decode,
        compile: compile::<C>,
        clone: C::clone,
        cmp: C::cmp,
        hash: |value, mut hasher| value.hash(&mut hasher),
        debug: C::fmt,
    };
}

/// A column of a type that has the form `F`, before it is known how its values are written.
///
/// What a setting asks of the type is asked of `F`: if the type is no key column at all there is no
/// form, and the compiler says the one thing and not the other too.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "only generated code has one")]
pub struct NewColumn<T, C: 'static, F> {
    column: Column<T, C>,
    form: PhantomData<F>,
}

/// The column at this place of the key.
#[doc(hidden)]
pub const fn new_column<T, C: KeyColumn<Form = F>, F>(index: usize) -> NewColumn<T, C, F> {
    let column = Column {
        index,
        ops: Ops::OF,
        marker: PhantomData,
    };
    NewColumn {
        column,
        form: PhantomData,
    }
}

#[doc(hidden)]
impl<T, C, F> NewColumn<T, C, F> {
    pub const fn plain(self) -> Column<T, C> {
        self.column
    }

    pub const fn padded(self) -> Column<T, C>
    where
        F: HasWidth,
    {
        self.column
    }

    pub const fn ordered(self) -> Column<T, C>
    where
        F: HasOrdered,
    {
        self.column
    }

    pub const fn descending(self) -> Column<T, C>
    where
        F: HasDescending,
    {
        self.column
    }

    pub const fn ordered_in_hive(self) -> Column<T, C>
    where
        F: HasOrdered + HasHiveOrdered,
    {
        self.column
    }
}

impl<T, C> Column<T, C> {
    /// The column's place in the key, from 0. Behind the key columns are the fields that indexes have.
    pub const fn index(self) -> usize {
        self.index
    }

    #[doc(hidden)]
    pub const fn schema(self, name: &'static str, encoding: Encoding) -> ColumnSchema {
        ColumnSchema::new(name, self.ops.column_type, encoding)
    }

    #[doc(hidden)]
    pub fn write(self, value: &C, writer: &mut KeyWriter) {
        writer.column(&|encoding, text| (self.ops.encode)(value, encoding, text));
    }

    #[doc(hidden)]
    pub fn write_field(self, value: Option<&C>, writer: &mut FieldWriter) {
        match value {
            None => writer.field(None),
            Some(value) => writer.field(Some(&|encoding, text| {
                (self.ops.encode)(value, encoding, text)
            })),
        }
    }

    #[doc(hidden)]
    pub fn read(self, reader: &mut KeyReader<'_>) -> Result<C> {
        reader.column(self.ops.decode)
    }

    #[doc(hidden)]
    pub fn copy(self, value: &C) -> C {
        (self.ops.clone)(value)
    }

    /// The order of two keys by this column, if those before it have left them equal.
    #[doc(hidden)]
    pub fn order(self, before: Ordering, a: &C, b: &C) -> Ordering {
        match before {
            Ordering::Equal => (self.ops.cmp)(a, b),
            _ => before,
        }
    }

    #[doc(hidden)]
    pub fn hash(self, value: &C, hasher: &mut dyn Hasher) {
        (self.ops.hash)(value, hasher);
    }

    #[doc(hidden)]
    pub fn show(self, value: &C) -> impl fmt::Debug {
        fmt::from_fn(move |f| (self.ops.debug)(value, f))
    }

    pub(crate) fn compile(self, filter: &Filter<C>, form: Form) -> Result<Predicate, TextError> {
        (self.ops.compile)(filter, form)
    }

    /// The sorted values of a column's texts. A folder whose name is no value holds no rows, only
    /// foreign objects, and is left out.
    pub(crate) fn values(self, texts: &[Vec<String>], encoding: Encoding) -> Vec<C> {
        let texts = texts.iter().filter_map(|texts| texts.first());
        let mut values: Vec<C> = texts
            .filter_map(|text| (self.ops.decode)(text, encoding).ok())
            .collect();
        values.sort_unstable_by(self.ops.cmp);
        values
    }
}

impl<T, C> Clone for Column<T, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, C> Copy for Column<T, C> {}

impl<T: S3Table, C> Column<T, C> {
    /// The column's stored name.
    pub fn name(self) -> &'static str {
        T::SCHEMA
            .column_at(self.index)
            .map_or("", |column| column.name())
    }
}

impl<T: S3Table, C> fmt::Debug for Column<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Column").field(&self.name()).finish()
    }
}

/// One column or a tuple of up to eight: what [`Query::distinct`](crate::Query::distinct) takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a set of columns of the table `{T}`",
    label = "expected a column of `{T}::COLUMNS` or a tuple of up to eight of them"
)]
pub trait ColumnSet<T>: Send + Sync {
    /// The columns' values: a value for one column, a tuple for a tuple.
    type Values: Ord + Send;

    /// The columns' places in the key.
    #[doc(hidden)]
    fn indices(&self) -> Vec<usize>;

    /// The values of texts in the order of [`indices`](Self::indices).
    #[doc(hidden)]
    fn decode(&self, texts: &[&str]) -> Result<Self::Values>;
}

fn decode_at<T: S3Table, C: KeyColumn>(
    column: Column<T, C>,
    texts: &[&str],
    at: usize,
) -> Result<C> {
    let fail = |message: String| {
        Error::new(ErrorKind::InvalidKey, message)
            .in_table(T::SCHEMA.table())
            .in_column(column.name())
    };
    let text = texts
        .get(at)
        .ok_or_else(|| fail("the value is missing".to_owned()))?;
    let encoding = T::SCHEMA
        .column_at(column.index)
        .map(|schema| schema.encoding())
        .unwrap_or_default();
    C::decode(text, encoding).map_err(|error| fail(error.to_string()))
}

#[diagnostic::do_not_recommend]
impl<T: S3Table, C: KeyColumn> ColumnSet<T> for Column<T, C> {
    type Values = C;

    fn indices(&self) -> Vec<usize> {
        vec![self.index]
    }

    fn decode(&self, texts: &[&str]) -> Result<C> {
        decode_at(*self, texts, 0)
    }
}

macro_rules! column_sets {
    ($(($($column:ident $at:tt),+);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: S3Table, $($column: KeyColumn),+> ColumnSet<T> for ($(Column<T, $column>,)+) {
            type Values = ($($column,)+);

            fn indices(&self) -> Vec<usize> {
                vec![$(self.$at.index),+]
            }

            fn decode(&self, texts: &[&str]) -> Result<Self::Values> {
                Ok(($(decode_at(self.$at, texts, $at)?,)+))
            }
        }
    )*};
}

column_sets! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
}
