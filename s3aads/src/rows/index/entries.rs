//! Which entries a row has.

use bytes::Bytes;

use super::Rows;
use crate::body::{Stamp, stamp};
use crate::error::Result;
use crate::key::label;
use crate::store::{Object, Version};

/// The id of the entries of a row that has none of its own: it was there before the index was.
const FIRST: &str = "0";

/// The entries of a version of a row, one for each index: none in those that the row is not in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Entries {
    /// Which version it is.
    of: Version,
    own: Vec<Option<Entry>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// Its object's key, but for the id and what follows it.
    place: String,
    id: String,
}

impl Entries {
    /// Whether they are those of this version of the row.
    pub(super) fn are_of(&self, version: &Version) -> bool {
        self.of == *version
    }
}

/// The entries of a row that is to be written, over what they were.
#[derive(Debug)]
pub(super) struct Change {
    /// Marks the row.
    pub stamp: Stamp,
    /// What is to be there before the row, as object keys.
    pub new: Vec<String>,
    /// What is to go after it.
    pub old: Vec<String>,
}

impl Rows {
    /// The places of a row's entries: the keys of their objects without the ids.
    fn entry_places(&self, path: &str, fields: &[Option<String>]) -> Result<Vec<Option<String>>> {
        let schema = &self.schema;
        let columns = schema.columns().len();
        let segments: Vec<&str> = path.split('/').take(columns).collect();
        let place = |index| {
            let mut place = self.index_root(index);
            for at in schema.entry_places(index) {
                match at.checked_sub(columns) {
                    None => place.push_str(segments.get(at)?),
                    Some(field) => {
                        let value = fields.get(field)?.as_deref()?;
                        if let Some(column) = schema.column_at(at) {
                            place.push_str(&label(schema.layout(), column));
                        }
                        place.push_str(value);
                    }
                }
                place.push('/');
            }
            Some(place)
        };
        let places: Vec<Option<String>> = schema.indexes().iter().map(place).collect();
        for place in places.iter().flatten() {
            self.fits(&self.entry_key(place, Stamp::new().write()), path)?;
        }
        Ok(places)
    }

    /// The key of an entry's object.
    fn entry_key(&self, place: &str, id: &str) -> String {
        match self.schema.layout() {
            crate::schema::Layout::Plain => format!("{place}{id}"),
            crate::schema::Layout::Hive => {
                format!("{place}entry={id}/{}", crate::schema::HIVE_OBJECT)
            }
        }
    }

    /// The entries of a row that was read. Of one that does not decode they are not known, and there
    /// are none.
    pub(crate) fn entries_of(&self, path: &str, object: &Object) -> Result<Entries> {
        let of = object.entry.version.clone();
        let Ok(fields) = self.fields(path, &object.body) else {
            let own = Vec::new();
            return Ok(Entries { of, own });
        };
        let stamp = stamp(&object.body);
        let names = self.schema.indexes().iter().map(|index| index.name());
        let entries = self.entry_places(path, &fields)?.into_iter().zip(names);
        let entries = entries.map(|(place, name)| {
            let id = stamp.as_ref().and_then(|stamp| stamp.entry(name));
            Some(Entry {
                place: place?,
                id: id.unwrap_or(FIRST).to_owned(),
            })
        });
        let own = entries.collect();
        Ok(Entries { of, own })
    }

    /// What becomes of the entries if this body replaces a row that has some.
    pub(super) fn change(&self, path: &str, body: &Bytes, old: &Entries) -> Result<Change> {
        let fields = self.fields(path, body)?;
        let places = self.entry_places(path, &fields)?;
        let mut stamp = Stamp::new();
        let (mut new, mut gone) = (Vec::new(), Vec::new());
        for (i, index) in self.schema.indexes().iter().enumerate() {
            let before = old.own.get(i).and_then(Option::as_ref);
            let place = places.get(i).and_then(Option::as_deref);
            match (before, place) {
                (Some(entry), Some(place)) if entry.place == place => {
                    stamp.set_entry(index.name(), &entry.id);
                    continue;
                }
                _ => {}
            }
            gone.extend(before.map(|entry| self.entry_key(&entry.place, &entry.id)));
            if let Some(place) = place {
                let id = stamp.write().to_owned();
                new.push(self.entry_key(place, &id));
                stamp.set_entry(index.name(), &id);
            }
        }
        Ok(Change {
            stamp,
            new,
            old: gone,
        })
    }

    /// The objects of a row's entries.
    pub(super) fn entry_keys(&self, entries: &Entries) -> Vec<String> {
        let entries = entries.own.iter().flatten();
        entries
            .map(|entry| self.entry_key(&entry.place, &entry.id))
            .collect()
    }
}
