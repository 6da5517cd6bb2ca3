//! `repair`, once nobody writes any more and nothing may still land.

use crate::rules::Rules;
use crate::store::{Claim, Entry, Ids, Request, Store, VALUES, Value};

/// What repair makes of the objects.
pub(crate) fn repair(store: &Store, rules: &Rules) -> Store {
    let mut repaired = store.clone();
    for (key, row) in store.rows() {
        if rules.unique {
            let claim = Claim::Held {
                key,
                g: row.g,
                create: false,
                earlier: Ids::default(),
                older: Ids::default(),
            };
            let seen = repaired.claim(row.value);
            repaired.apply(Request::PutClaim(row.value, claim, seen));
        } else {
            let entry = Entry {
                value: row.value,
                key,
                g: row.g,
            };
            repaired.apply(Request::PutEntry(entry));
        }
    }
    for entry in &store.entries {
        let row = repaired.row(entry.key);
        if row.is_none_or(|row| (row.value, row.g) != (entry.value, entry.g)) {
            repaired.apply(Request::DeleteEntry(*entry));
        }
    }
    for value in 0..VALUES as Value {
        if let Some(seen @ Claim::Held { key, .. }) = repaired.claim(value)
            && repaired.row(key).is_none_or(|row| row.value != value)
        {
            repaired.apply(Request::DeleteClaim(value, seen));
        }
    }
    repaired
}

/// Whether there is exactly what the rows need.
pub(crate) fn is_clean(store: &Store, rules: &Rules) -> bool {
    let claims = store.claims.iter().flatten();
    let held = claims.filter(|claim| matches!(claim, Claim::Held { .. }));
    let found = held.count() + store.entries.len();
    found == store.rows().count() && is_complete(store, rules, true)
}

/// Whether each row has its entry, or its value is claimed for its key: in a clean index by the
/// row's id.
pub(crate) fn is_complete(store: &Store, rules: &Rules, clean: bool) -> bool {
    store.rows().all(|(key, row)| match store.claim(row.value) {
        Some(Claim::Held { key: k, g, .. }) if rules.unique => k == key && (!clean || g == row.g),
        _ if rules.unique => false,
        _ => store.entries.contains(&Entry {
            value: row.value,
            key,
            g: row.g,
        }),
    })
}
