//! ListObjectsV2.

use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;

use crate::store::s3::S3Backend;
use crate::store::s3::http::{Call, Failure, encode_query, retrying};
use crate::store::s3::xml::{self, Malformed};
use crate::store::{ListPage, ListRequest, Meter, PageToken, RequestClass};

impl S3Backend {
    /// One page, as the server gave it: that it kept to `start_after` is for the caller to see.
    pub(in crate::store::s3) async fn list_page(
        &self,
        request: &ListRequest,
        meter: &Meter,
    ) -> Result<ListPage, Failure> {
        let max_keys = request.max_keys.map(|max| max.to_string());
        let mut query = vec![("list-type", "2"), ("encoding-type", "url")];
        let (token, after) = match &request.token {
            Some(PageToken::Server(token)) => (Some(token.as_str()), None),
            Some(PageToken::After(key)) => (None, Some(key.as_str())),
            None => (None, request.start_after.as_deref()),
        };
        if let Some(token) = token {
            query.push(("continuation-token", token));
        }
        if let Some(after) = after.filter(|after| !after.is_empty()) {
            query.push(("start-after", after));
        }
        if !request.prefix.is_empty() {
            query.push(("prefix", &request.prefix));
        }
        if request.delimiter {
            query.push(("delimiter", "/"));
        }
        if let Some(max_keys) = &max_keys {
            query.push(("max-keys", max_keys));
        }
        let url = format!("{}?{}", self.url, encode_query(&query));
        let call = &Call::new(RequestClass::List, Method::GET, url);
        let read = &|body: &[u8]| {
            let page = xml::parse_list(body)?;
            match &page.next {
                // The page before this one, once more: to follow it would go round in a circle.
                Some(PageToken::Server(next)) if token == Some(next) => {
                    Err(Malformed::new("a listing does not advance"))
                }
                _ => Ok(page),
            }
        };
        let client = &self.server.0.client;
        let slowed = &AtomicBool::new(false);
        let mut page = retrying(&client.retry, || async move {
            let page = client.attempt(call, meter, read).await;
            page.inspect_err(|failure| {
                slowed.fetch_or(failure.is_throttled(), Ordering::Relaxed);
            })
        })
        .await?;
        page.slowed = slowed.load(Ordering::Relaxed);
        Ok(page)
    }
}
