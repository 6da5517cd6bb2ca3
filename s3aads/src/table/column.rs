//! Typed columns, and sets of them for `distinct`.

use std::fmt;
use std::marker::PhantomData;

use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyColumn;
use crate::table::S3Table;

/// One key column of the table of `T`, holding values of type `C`; a field of
/// [`S3Table::COLUMNS`].
///
/// ```
/// # use s3aads::{Database, S3Table};
/// # #[derive(S3Table)]
/// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16 }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> s3aads::Result<()> {
/// let days = Database::open("memory:///column")?.table::<Day>();
/// days.insert(&Day { id: 1, year: 2020 }).await?;
/// assert_eq!(days.filter(Day::COLUMNS.year, 2020).count().await?, 1);
/// assert_eq!(days.distinct((Day::COLUMNS.id, Day::COLUMNS.year)).await?, [(1, 2020)]);
/// # Ok(())
/// # }
/// ```
pub struct Column<T, C> {
    index: usize,
    marker: PhantomData<fn() -> (T, C)>,
}

impl<T, C> Column<T, C> {
    /// The column at this place of the key.
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            marker: PhantomData,
        }
    }

    /// The column's place in the key, from 0.
    pub const fn index(self) -> usize {
        self.index
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
            .columns()
            .get(self.index)
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
pub trait ColumnSet<T> {
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
        .columns()
        .get(column.index)
        .map(|schema| schema.encoding())
        .unwrap_or_default();
    C::decode(text, encoding).map_err(|error| fail(error.to_string()))
}

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
