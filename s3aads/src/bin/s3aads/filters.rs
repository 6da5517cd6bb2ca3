//! The syntax of filters: `year=2020`, `month=1..=3`, `name^=ab`.

use std::ops::Bound;
use std::str::FromStr;

use s3aads::{Filter, IntoFilter, RawQuery, any_of, starts_with};

/// A filter on one key column.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    column: String,
    filter: Filter<String>,
}

/// What an operator makes of a value.
type Make<'a> = &'a dyn Fn(&str) -> Filter<String>;

/// How filters are written, for `--help`.
pub(crate) const HELP: &str = "\
Filters on key columns, all of which hold:
  year=2020            this value          year=2019,2020   one of these
  month=1..=3          from 1 to 3         month=1..3       from 1 to 2
  month>=3  month<3    half a range        name^=ab         starts with
  name==a,b..c         the text as it is, whatever stands in it
Numbers are compared as numbers, dates as dates.";

impl Condition {
    /// The query, narrowed.
    pub(crate) fn narrow(&self, query: &RawQuery) -> RawQuery {
        query.filter(&self.column, self.filter.clone())
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = text.char_indices().find(|(at, c)| match c {
            '=' | '<' | '>' => true,
            '^' => text.get(at + 1..).is_some_and(|rest| rest.starts_with('=')),
            _ => false,
        });
        let (at, _) = at.ok_or("a filter is like year=2020, month=1..=3, name^=ab or day>=3")?;
        let (column, rest) = text.split_at(at);
        if column.is_empty() {
            return Err("a filter begins with a column's name, as in year=2020".to_owned());
        }
        let from = |low: Bound<&str>| range(low, Bound::Unbounded);
        let to = |high: Bound<&str>| range(Bound::Unbounded, high);
        let operators: [(&str, Make<'_>); 7] = [
            ("^=", &|value| starts_with(value).into_filter()),
            ("==", &|value| Filter::values([value.to_owned()])),
            (">=", &|value| from(Bound::Included(value))),
            ("<=", &|value| to(Bound::Included(value))),
            (">", &|value| from(Bound::Excluded(value))),
            ("<", &|value| to(Bound::Excluded(value))),
            ("=", &several),
        ];
        let mut known = operators.iter();
        let found = known.find_map(|(name, make)| Some(make(rest.strip_prefix(name)?)));
        Ok(Self {
            column: column.to_owned(),
            // Each of the characters that was looked for begins an operator.
            filter: found.ok_or("a filter is like year=2020")?,
        })
    }
}

/// Values and ranges of them, between commas.
fn several(text: &str) -> Filter<String> {
    if text.contains(',') {
        any_of(text.split(',').map(one))
    } else {
        one(text)
    }
}

/// A value, or a range of them.
fn one(text: &str) -> Filter<String> {
    let Some((low, high)) = text.split_once("..") else {
        return Filter::values([text.to_owned()]);
    };
    let low = match low {
        "" => Bound::Unbounded,
        low => Bound::Included(low),
    };
    let high = match high.strip_prefix('=') {
        Some(high) => Bound::Included(high),
        None if high.is_empty() => Bound::Unbounded,
        None => Bound::Excluded(high),
    };
    range(low, high)
}

fn range(low: Bound<&str>, high: Bound<&str>) -> Filter<String> {
    Filter::range(low.map(str::to_owned), high.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters() {
        let filter = |text: &str| text.parse::<Condition>().unwrap().filter;
        let text = |text: &str| text.to_owned();
        let values = |values: &[&str]| Filter::values(values.iter().map(|&value| text(value)));
        assert_eq!(filter("year=2020"), values(&["2020"]));
        assert_eq!(filter("year=2020,2021"), values(&["2020", "2021"]));
        assert_eq!(filter("year="), values(&[""]));
        assert_eq!(filter("year=="), values(&[""]));
        assert_eq!(filter("name==a..b,c"), values(&["a..b,c"]));
        assert_eq!(filter("name^=ab"), starts_with("ab").into_filter());
        let both = |low, high| Filter::range(low, high);
        use Bound::{Excluded, Included, Unbounded};
        for (written, low, high) in [
            ("m=1..3", Included("1"), Excluded("3")),
            ("m=1..=3", Included("1"), Included("3")),
            ("m=1..", Included("1"), Unbounded),
            ("m=..3", Unbounded, Excluded("3")),
            ("m=..", Unbounded, Unbounded),
            ("m>=1", Included("1"), Unbounded),
            ("m>1", Excluded("1"), Unbounded),
            ("m<=3", Unbounded, Included("3")),
            ("m<-3", Unbounded, Excluded("-3")),
        ] {
            let expected = both(low.map(text), high.map(text));
            assert_eq!(filter(written), expected, "{written}");
        }
        assert_eq!(
            filter("m=1..3,7"),
            any_of([
                both(Included(text("1")), Excluded(text("3"))),
                values(&["7"])
            ])
        );
        for no in ["year", "=2020", "^=x", "a^b", ""] {
            assert!(no.parse::<Condition>().is_err(), "{no}");
        }
    }
}
