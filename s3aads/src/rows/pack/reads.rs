//! Rows of packs by their keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use object_store::Attributes;

use super::queue::Base;
use super::{Rows, row_object, shared};
use crate::error::Result;
use crate::pack::{Pack, Place};
use crate::rows::kept;
use crate::store::{Meter, Object, ObjectEntry, Reason};

/// A row that is asked for, its place among the others, and its texts in its pack.
struct Asked<K> {
    at: usize,
    key: K,
    path: String,
    texts: Vec<String>,
}

impl Rows {
    /// A pack as it is now, with what goes with its object; none if there is no object. Sends 1
    /// request.
    pub(crate) async fn pack(&self, path: &str, meter: &Meter) -> Result<Option<(Object, Pack)>> {
        let full = self.full(path)?;
        let mut object = match self.session().backend().get(&full, meter).await {
            Ok(object) => object,
            Err(error) if error.reason() == Reason::NotFound => return Ok(None),
            Err(error) => return Err(self.fail(error, "read the pack", path)),
        };
        let body = std::mem::take(&mut object.body);
        let pack = Pack::read(self.shared_schema(), path, body, meter.most_body());
        Ok(Some((object, pack)))
    }

    /// The same for whoever asks for its rows by their keys: what is read is often changed next.
    async fn known_pack(&self, path: &str, meter: &Meter) -> Result<Option<(Object, Arc<Pack>)>> {
        let Some((object, pack)) = self.pack(path, meter).await? else {
            return Ok(None);
        };
        let pack = Arc::new(pack);
        if object.entry.version.is_known() {
            self.queue(path)?.offer(Base {
                version: Some(object.entry.version.clone()),
                attributes: kept(&object),
                pack: Arc::clone(&pack),
                read_at: 0,
            });
        }
        Ok(Some((object, pack)))
    }

    pub(in crate::rows) async fn get_packed(
        &self,
        path: &str,
        meter: &Meter,
    ) -> Result<Option<Object>> {
        let place = self.packed_place(path)?;
        let Some((object, pack)) = self.known_pack(&place.pack, meter).await? else {
            return Ok(None);
        };
        let line = pack.find(&place.texts).map_err(|error| self.place(error))?;
        Ok(line.map(|line| row_object(&object, line)))
    }

    /// Reads many rows by their keys and key paths, `concurrency` packs at a time, and each pack once.
    /// What `read` makes of their bodies is in the order of the keys. Sends 1 request for each pack.
    pub(crate) async fn get_all<K: Send, V: Send>(
        &self,
        keys: Vec<(K, Result<String>)>,
        concurrency: usize,
        read: impl Fn(K, &Bytes) -> Result<V> + Send + Sync,
    ) -> Vec<Result<Option<V>>> {
        let mut outcomes = Vec::with_capacity(keys.len());
        let mut packs: BTreeMap<String, Vec<Asked<K>>> = BTreeMap::new();
        for (at, (key, path)) in keys.into_iter().enumerate() {
            let place = path.and_then(|path| Ok((self.packed_place(&path)?, path)));
            outcomes.push(match place {
                Err(error) => Err(error),
                Ok((Place { pack, texts }, path)) => {
                    let asked = Asked {
                        at,
                        key,
                        path,
                        texts,
                    };
                    packs.entry(pack).or_default().push(asked);
                    Ok(None)
                }
            });
        }
        let meter = self.session().meter();
        let of_packs = packs.into_iter().map(async |(path, rows)| {
            let pack = self.known_pack(&path, meter).await.map_err(Arc::new);
            let of = |asked: Asked<K>| {
                let row = match &pack {
                    Err(error) => Err(shared::same(error).at_key(asked.path)),
                    Ok(None) => Ok(None),
                    Ok(Some((_, pack))) => pack
                        .find(&asked.texts)
                        .map_err(|error| self.place(error))
                        .and_then(|line| {
                            line.map(|line| read(asked.key, &line.body())).transpose()
                        }),
                };
                (asked.at, row)
            };
            rows.into_iter().map(of).collect::<Vec<_>>()
        });
        let mut of_packs = stream::iter(of_packs).buffer_unordered(concurrency.max(1));
        while let Some(of_pack) = of_packs.next().await {
            for (at, outcome) in of_pack {
                if let Some(place) = outcomes.get_mut(at) {
                    *place = outcome;
                }
            }
        }
        outcomes
    }

    pub(in crate::rows) async fn head_packed(
        &self,
        path: &str,
    ) -> Result<Option<(ObjectEntry, Attributes)>> {
        let found = self.get_packed(path, self.session().meter()).await?;
        Ok(found.map(|object| (object.entry, object.attributes)))
    }
}
