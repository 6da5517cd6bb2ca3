//! Listings by pages.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::SecondsFormat;
use http::{Response, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::Body;

use super::objects::Object;
use super::respond;

/// The most entries of a page.
const PAGE: usize = 1000;

/// One page; its continuation token is the last key or common prefix in it.
pub(super) fn answer(
    bucket: &BTreeMap<String, Object>,
    query: &BTreeMap<String, String>,
) -> Response<Body> {
    let get = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let (prefix, delimiter, token) = (get("prefix"), get("delimiter"), get("continuation-token"));
    let size = get("max-keys").parse().unwrap_or(PAGE).min(PAGE);
    let after = token.max(get("start-after"));
    let name = |key: &str| utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
    let (mut entries, mut listed, mut last, mut more) = (String::new(), 0, String::new(), false);
    for (key, object) in bucket.range(prefix.to_owned()..) {
        let Some(rest) = key.strip_prefix(prefix) else {
            break;
        };
        let folder = (!delimiter.is_empty())
            .then(|| rest.find(delimiter))
            .flatten();
        let folder = folder.map(|at| &key[..prefix.len() + at + delimiter.len()]);
        // A token that is a common prefix ends all of its keys.
        if **key <= *after || folder.is_some_and(|folder| folder == last || folder == token) {
            continue;
        }
        if listed == size {
            more = true;
            break;
        }
        listed += 1;
        let written = match folder {
            Some(folder) => {
                folder.clone_into(&mut last);
                write!(
                    entries,
                    "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>",
                    name(folder)
                )
            }
            None => {
                key.clone_into(&mut last);
                write!(
                    entries,
                    "<Contents><Key>{}</Key><Generation>{}</Generation><LastModified>{}</LastModified>\
                     <ETag>{}</ETag><Size>{}</Size><StorageClass>{}</StorageClass></Contents>",
                    name(key),
                    object.generation,
                    object.modified.to_rfc3339_opts(SecondsFormat::Millis, true),
                    object.e_tag().replace('"', "&quot;"),
                    object.body.len(),
                    object.class(),
                )
            }
        };
        written.expect("a text takes text");
    }
    let token = if more {
        let last = last.replace('&', "&amp;").replace('<', "&lt;");
        format!("<NextContinuationToken>{last}</NextContinuationToken>")
    } else {
        String::new()
    };
    let document = format!(
        "<?xml version='1.0' encoding='UTF-8'?><ListBucketResult><EncodingType>url</EncodingType>\
         <IsTruncated>{more}</IsTruncated>{token}{entries}</ListBucketResult>"
    );
    respond(StatusCode::OK, document)
}
