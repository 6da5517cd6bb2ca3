//! Whether a query goes by the key or by an index.

use crate::plan::Predicate;
use crate::schema::{IndexSchema, Schema};

/// How a query finds its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way<'a> {
    /// By the listing of the table.
    Key,
    /// By the listing of an index's entries.
    Index(ChosenIndex<'a>),
}

/// An index that a query goes by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChosenIndex<'a> {
    pub schema: &'a IndexSchema,
    /// Its place among the table's.
    pub at: usize,
}

/// How well a listing fits what is asked: the longer the prefix, the fewer keys are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// How many of the asked fields it has: all others are asked of each row that is read.
    fields: usize,
    /// How many leading columns have one value.
    bound: usize,
    /// Whether the column after them is narrowed.
    narrowed: bool,
}

fn fit(places: &[usize], asked: &[Predicate], columns: usize) -> Fit {
    let of = |place: &usize| asked.get(*place);
    let bound = places.iter().map(of).take_while(|predicate| {
        predicate.is_some_and(|predicate| predicate.bound_value().is_some())
    });
    let bound = bound.count();
    let next = places.get(bound).and_then(of);
    Fit {
        fields: places
            .iter()
            .filter(|place| **place >= columns && is_asked(asked, **place))
            .count(),
        bound,
        narrowed: next.is_some_and(|predicate| !predicate.is_all()),
    }
}

fn is_asked(asked: &[Predicate], place: usize) -> bool {
    asked
        .get(place)
        .is_some_and(|predicate| !predicate.is_all())
}

/// The way that sends the fewest requests, as far as the filters tell, to rows that these predicates
/// allow and whose values of the `wanted` columns are asked for.
///
/// A row by its whole key is one GET. Filters on fields of the body go by the index that has most of
/// them, since each row that only they keep out is a GET. Filters on key columns alone go by the key,
/// unless an index of key columns binds more of them at its beginning. Of equal ones the first is
/// taken.
pub(crate) fn way<'a>(schema: &'a Schema, asked: &[Predicate], wanted: &[usize]) -> Way<'a> {
    let columns = schema.columns().len();
    let key: Vec<usize> = (0..columns).collect();
    let by_key = fit(&key, asked, columns);
    let needs = |place: usize| is_asked(asked, place) || wanted.contains(&place);
    let by_fields = (columns..schema.places()).any(needs);
    if by_key.bound == columns {
        return Way::Key;
    }
    let mut best: Option<(usize, Fit, ChosenIndex<'a>)> = None;
    for (at, index) in schema.indexes().iter().enumerate() {
        let mut fields = index.columns().iter().filter_map(|place| {
            let field = schema.indexed_fields().get(place.checked_sub(columns)?)?;
            Some((*place, field.is_optional()))
        });
        // A row that has no value of one of its fields is not in the index.
        let has_all = fields
            .clone()
            .all(|(place, is_optional)| !is_optional || needs(place));
        let helps = if by_fields {
            fields.any(|(place, _)| needs(place))
        } else {
            fields.next().is_none()
        };
        if !has_all || !helps {
            continue;
        }
        let places: Vec<usize> = schema.entry_places(index).collect();
        let fit = fit(&places, asked, columns);
        let wanted = wanted
            .iter()
            .filter(|place| index.columns().contains(place));
        let chosen = (wanted.count(), fit, ChosenIndex { schema: index, at });
        let is_better = match &best {
            Some((wanted, best, _)) => (chosen.0, chosen.1) > (*wanted, *best),
            None => by_fields || (fit.bound, fit.narrowed) > (by_key.bound, by_key.narrowed),
        };
        if is_better {
            best = Some(chosen);
        }
    }
    match best {
        Some((_, _, index)) => Way::Index(index),
        None => Way::Key,
    }
}
