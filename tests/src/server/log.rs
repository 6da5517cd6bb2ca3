//! The record of every HTTP request that arrived.

use std::collections::HashMap;
use std::fmt;

use hyper::Method;
use percent_encoding::percent_decode_str;

/// A request's class, as stores bill them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// PutObject and CreateBucket.
    Put,
    /// CopyObject.
    Copy,
    /// DeleteObjects, the bulk delete.
    Post,
    /// ListObjects, ListObjectsV2 and ListBuckets.
    List,
    /// GetObject, and anything else that is asked of an object by GET.
    Get,
    /// HeadObject and HeadBucket.
    Head,
    /// DeleteObject and DeleteBucket.
    Delete,
    /// Any other request: multipart uploads, bucket settings.
    Other,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Put => "PUT",
            Self::Copy => "COPY",
            Self::Post => "POST",
            Self::List => "LIST",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Delete => "DELETE",
            Self::Other => "OTHER",
        })
    }
}

/// The query of a LIST, decoded. `None` where the parameter was not sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// `prefix`.
    pub prefix: Option<String>,
    /// `start-after`, or version 1's `marker`.
    pub start_after: Option<String>,
    /// `delimiter`.
    pub delimiter: Option<String>,
    /// `max-keys`.
    pub max_keys: Option<usize>,
    /// `continuation-token`.
    pub token: Option<String>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its class.
    pub operation: Operation,
    /// The bucket, decoded; `None` for ListBuckets.
    pub bucket: Option<String>,
    /// The key, decoded; `None` for requests to a bucket.
    pub key: Option<String>,
    /// The query of a LIST; empty for others.
    pub list: ListQuery,
    /// The `If-Match` header.
    pub if_match: Option<String>,
    /// The `If-None-Match` header.
    pub if_none_match: Option<String>,
    /// The HTTP status it was answered with; `None` while it waits, or when its connection was closed unanswered.
    pub status: Option<u16>,
}

impl Logged {
    pub(super) fn new<B>(request: &hyper::Request<B>) -> Self {
        let path = request.uri().path();
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let query = request.uri().query().unwrap_or_default();
        let operation = classify(request, !bucket.is_empty(), !key.is_empty(), query);
        let header = |name: &str| {
            let value = request.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self {
            operation,
            bucket: decoded(bucket),
            key: decoded(key),
            list: match operation {
                Operation::List => list_query(query),
                _ => ListQuery::default(),
            },
            if_match: header("if-match"),
            if_none_match: header("if-none-match"),
            status: None,
        }
    }
}

/// A line for assertion messages: `LIST bucket?prefix="a/" 200`.
impl fmt::Display for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.operation)?;
        if let Some(bucket) = &self.bucket {
            write!(f, " {bucket}")?;
        }
        if let Some(key) = &self.key {
            write!(f, "/{}", key.escape_debug())?;
        }
        let ListQuery {
            prefix,
            start_after,
            delimiter,
            max_keys,
            token,
        } = &self.list;
        let texts = [
            ("prefix", prefix),
            ("start-after", start_after),
            ("delimiter", delimiter),
            ("token", token),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                write!(f, " {name}={value:?}")?;
            }
        }
        if let Some(max_keys) = max_keys {
            write!(f, " max-keys={max_keys}")?;
        }
        match self.status {
            Some(status) => write!(f, " {status}"),
            None => f.write_str(" unanswered"),
        }
    }
}

/// Query parameters that ask for something else than the object or the keys.
const SUBRESOURCES: &[&str] = &[
    "acl",
    "attributes",
    "location",
    "partNumber",
    "tagging",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
];

fn classify<B>(
    request: &hyper::Request<B>,
    has_bucket: bool,
    has_key: bool,
    query: &str,
) -> Operation {
    let names = || query.split('&').map(|pair| pair.split('=').next());
    let subresource = || names().any(|name| name.is_some_and(|name| SUBRESOURCES.contains(&name)));
    match *request.method() {
        Method::GET if has_key => Operation::Get,
        Method::GET if !has_bucket || !subresource() => Operation::List,
        Method::HEAD => Operation::Head,
        Method::POST if names().any(|name| name == Some("delete")) => Operation::Post,
        Method::DELETE if !subresource() => Operation::Delete,
        Method::PUT if subresource() => Operation::Other,
        Method::PUT if request.headers().contains_key("x-amz-copy-source") => Operation::Copy,
        Method::PUT => Operation::Put,
        _ => Operation::Other,
    }
}

fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8_lossy();
    (!text.is_empty()).then(|| text.into_owned())
}

fn list_query(query: &str) -> ListQuery {
    let mut list = ListQuery::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "prefix" => list.prefix = Some(value.into_owned()),
            "start-after" | "marker" => list.start_after = Some(value.into_owned()),
            "delimiter" => list.delimiter = Some(value.into_owned()),
            "max-keys" => list.max_keys = value.parse().ok(),
            "continuation-token" => list.token = Some(value.into_owned()),
            _ => {}
        }
    }
    list
}

/// The requests since the last clearing, in order of arrival.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: Vec<Logged>,
    /// How many requests were cleared: the ticket of the first entry.
    cleared: usize,
    /// How many requests of each operation are under way, and how many were at most since the last clearing.
    under_way: HashMap<Operation, (usize, usize)>,
}

impl Log {
    /// Records a request when it arrives. The answer's status is added with the ticket.
    pub(super) fn arrived(&mut self, request: Logged) -> usize {
        let (now, most) = self.under_way.entry(request.operation).or_default();
        *now += 1;
        *most = (*most).max(*now);
        self.entries.push(request);
        self.cleared + self.entries.len() - 1
    }

    pub(super) fn answered(&mut self, ticket: usize, status: u16) {
        let entry = ticket.checked_sub(self.cleared);
        if let Some(entry) = entry.and_then(|index| self.entries.get_mut(index)) {
            entry.status = Some(status);
        }
    }

    /// Notes that a request was answered, or its client went away.
    pub(super) fn ended(&mut self, operation: Operation) {
        if let Some((now, _)) = self.under_way.get_mut(&operation) {
            *now -= 1;
        }
    }

    pub(super) fn most_under_way(&self, operation: Operation) -> usize {
        self.under_way.get(&operation).map_or(0, |(_, most)| *most)
    }

    pub(super) fn entries(&self) -> &[Logged] {
        &self.entries
    }

    pub(super) fn take(&mut self) -> Vec<Logged> {
        self.cleared += self.entries.len();
        for (now, most) in self.under_way.values_mut() {
            *most = *now;
        }
        std::mem::take(&mut self.entries)
    }
}
