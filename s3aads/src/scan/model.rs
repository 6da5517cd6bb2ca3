//! An exact model of a store's listing, for tests: a set of keys, pages of a given size, a count
//! of the requests, and the faults that listings have.

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::Attributes;

use super::distinct::Evidence;
use super::{Decode, Scan, Source, Spec};
use crate::key::ColumnType;
use crate::schema::{BodyFormat, ColumnSchema, Layout, Schema};
use crate::store::{
    Backend, Condition, Conditions, Copied, Features, ListPage, ListRequest, Meter, Object,
    ObjectEntry, PageToken, PutRequest, RequestClass, Result, StoreError, Version,
};

/// How a model store differs from a good one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Fault {
    #[default]
    None,
    /// `start_after` is ignored.
    IgnoresStart,
    /// Every page is the first one, and there is always one more.
    RepeatsFirstPage,
    /// Every page is empty, and there is always one more.
    EmptyPages,
    /// The store asks for time before every page.
    SlowDown,
}

#[derive(Debug)]
pub(super) struct Model {
    keys: Vec<String>,
    page: usize,
    pub seeks: bool,
    pub remote: bool,
    pub fault: Fault,
    pub latency: Duration,
    pub log: Mutex<Vec<ListRequest>>,
}

/// The folder of the model's table.
pub(super) const ROOT: &str = "p/t/";

impl Model {
    pub(super) fn new(paths: impl IntoIterator<Item = String>, page: usize) -> Self {
        let keys: BTreeSet<String> = paths.into_iter().map(|p| format!("{ROOT}{p}")).collect();
        Self {
            keys: keys.into_iter().collect(),
            page,
            seeks: true,
            remote: true,
            fault: Fault::None,
            latency: Duration::ZERO,
            log: Mutex::default(),
        }
    }

    fn page(&self, request: &ListRequest) -> ListPage {
        let size = request.max_keys.unwrap_or(self.page).min(self.page);
        let after = match (&request.token, &request.start_after) {
            (Some(PageToken::After { last, .. }), _) => Some(last),
            (_, start) if self.fault != Fault::IgnoresStart => start.as_ref(),
            _ => None,
        };
        let low = self.keys.partition_point(|key| *key < request.prefix);
        let after = after.map_or(0, |after| self.keys.partition_point(|key| key <= after));
        let mut page = ListPage::default();
        let mut last = String::new();
        let mut at = low.max(after);
        while let Some(key) = self
            .keys
            .get(at)
            .filter(|key| key.starts_with(&request.prefix))
        {
            let child = key[request.prefix.len()..]
                .find('/')
                .filter(|_| request.delimiter);
            let name = match child {
                Some(end) => &key[..=request.prefix.len() + end],
                None => key,
            };
            if child.is_some() && request_after(request).is_some_and(|after| name <= after) {
                at += 1;
                continue;
            }
            if page.objects.len() + page.prefixes.len() == size {
                page.next = Some(PageToken::After { last, listing: 0 });
                break;
            }
            last = name.to_owned();
            match child {
                Some(_) => {
                    page.prefixes.push(name.to_owned());
                    at += self.keys[at..].partition_point(|key| key.starts_with(name));
                }
                None => {
                    page.objects.push(entry(key));
                    at += 1;
                }
            }
        }
        page
    }
}

fn request_after(request: &ListRequest) -> Option<&str> {
    match (&request.token, &request.start_after) {
        (Some(PageToken::After { last, .. }), _) => Some(last),
        (_, start) => start.as_deref(),
    }
}

fn entry(key: &str) -> ObjectEntry {
    ObjectEntry {
        key: key.to_owned(),
        size: 0,
        last_modified: chrono::DateTime::UNIX_EPOCH,
        version: Version::default(),
        storage_class: None,
    }
}

#[async_trait]
impl Backend for Model {
    fn features(&self) -> Features {
        Features {
            name: "model",
            seeks: self.seeks,
            delimiter: self.seeks,
            bulk_delete: true,
            attributes: true,
            remote: self.remote,
            conditions: Conditions::Assumed,
            conditional_delete: true,
        }
    }

    fn server_id(&self) -> String {
        String::new()
    }

    async fn list(&self, request: ListRequest, meter: &Meter) -> Result<ListPage> {
        meter.send(RequestClass::List)?;
        {
            let mut log = self.log.lock().unwrap();
            log.push(request.clone());
            assert!(log.len() < 3_000, "a scan does not end: {request:?}");
        }
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        match self.fault {
            Fault::SlowDown => Ok(ListPage {
                slowed: true,
                ..self.page(&request)
            }),
            Fault::RepeatsFirstPage => {
                let token = PageToken::Server("again".to_owned());
                let mut page = self.page(&ListRequest {
                    token: None,
                    ..request
                });
                page.next = Some(token);
                Ok(page)
            }
            Fault::EmptyPages => Ok(ListPage {
                next: Some(PageToken::Server("again".to_owned())),
                ..ListPage::default()
            }),
            _ => Ok(self.page(&request)),
        }
    }

    async fn get(&self, _: &str, _: &Meter) -> Result<Object> {
        Err(StoreError::unsupported("the model has no get"))
    }

    async fn head(&self, _: &str, _: &Meter) -> Result<(ObjectEntry, Attributes)> {
        Err(StoreError::unsupported("the model has no head"))
    }

    async fn put(&self, _: &str, _: Bytes, _: PutRequest, _: &Meter) -> Result<Version> {
        Err(StoreError::unsupported("the model has no put"))
    }

    async fn delete(&self, _: &str, _: Option<&Version>, _: &Meter) -> Result<()> {
        Ok(())
    }

    async fn copy(
        &self,
        _: &Arc<dyn Backend>,
        _: &str,
        _: &str,
        _: Condition,
        _: &Meter,
    ) -> Result<Copied> {
        Ok(Copied::default())
    }

    async fn create(&self, _: &Meter) -> Result<()> {
        Ok(())
    }

    async fn exists(&self, _: &Meter) -> Result<bool> {
        Ok(true)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A table of text columns named `a`, `b`, ... on the model.
pub(super) struct Bench {
    pub model: Arc<Model>,
    pub source: Source,
}

impl Bench {
    pub(super) fn new(model: Model, columns: usize, layout: Layout) -> Self {
        const NAMES: [&str; 4] = ["a", "b", "c", "d"];
        const TEXT: ColumnType = ColumnType::String;
        let columns: Vec<ColumnSchema> = NAMES[..columns]
            .iter()
            .map(|name| ColumnSchema::new(name, TEXT, crate::key::Encoding::Plain))
            .collect();
        let schema = Schema::new("t", columns.leak(), layout, BodyFormat::Empty);
        let model = Arc::new(model);
        let source = Source {
            backend: model.clone(),
            meter: Meter::default(),
            root: ROOT.to_owned(),
            schema: Arc::new(schema),
            database: "db".to_owned(),
        };
        Self { model, source }
    }

    /// The requests that were sent since this was asked the last time.
    pub(super) fn requests(&self) -> usize {
        std::mem::take(&mut *self.model.log.lock().unwrap()).len()
    }

    /// Reads keys as paths, and refuses what has another number of segments or an empty one.
    pub(super) fn decode(&self) -> Decode<String> {
        let schema = self.source.schema.clone();
        Arc::new(move |path| {
            let reader: Vec<&str> = path.split('/').collect();
            for (segment, column) in reader.iter().zip(schema.columns()) {
                crate::key::segment_text(segment, schema.layout(), column).ok_or_else(|| {
                    crate::Error::new(crate::ErrorKind::InvalidKey, "no value has this segment")
                })?;
            }
            Ok(path.to_owned())
        })
    }

    pub(super) fn scan(&self, spec: &Spec) -> Arc<Scan<String>> {
        Scan::new(self.source.clone(), spec.clone(), self.decode())
    }

    pub(super) async fn collect(&self, spec: &Spec) -> crate::Result<Vec<String>> {
        let rows = self.scan(spec).collect().await?;
        Ok(rows.iter().map(|row| row.path().to_owned()).collect())
    }

    pub(super) async fn count(&self, spec: &Spec) -> crate::Result<u64> {
        self.scan(spec).count().await
    }

    pub(super) async fn distinct(
        &self,
        spec: &Spec,
        columns: &[usize],
    ) -> crate::Result<Vec<Vec<String>>> {
        self.scan(spec).distinct(columns, Evidence::Folders).await
    }
}
