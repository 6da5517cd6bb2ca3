//! ListObjectsV2 over keys in memory.

use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

const PAGE_SIZE: usize = 1000;

/// What one request asks for.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    prefix: String,
    after: String,
    delimited: bool,
    max_keys: Option<usize>,
}

impl Listing {
    /// From a URL's query. A continuation token is the last key or prefix of the page before.
    pub(crate) fn parse(query: &str) -> Self {
        let mut listing = Self::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            match name {
                "prefix" => listing.prefix = value,
                "start-after" | "continuation-token" => listing.after = value,
                "delimiter" => listing.delimited = true,
                "max-keys" => listing.max_keys = value.parse().ok(),
                _ => {}
            }
        }
        listing
    }

    /// The common prefix that stands for the key, if one does.
    fn rolled_up<'k>(&self, key: &'k str) -> Option<&'k str> {
        let rest = key.get(self.prefix.len()..).filter(|_| self.delimited)?;
        key.get(..=self.prefix.len() + rest.find('/')?)
    }
}

/// The page as XML; `keys` are in order.
pub(crate) fn page(keys: &[String], e_tag: &str, listing: &Listing) -> String {
    let size = listing.max_keys.unwrap_or(PAGE_SIZE).min(PAGE_SIZE);
    let e_tag = e_tag.replace('"', "&quot;");
    let mut at = keys.partition_point(|key| *key < listing.prefix || *key <= listing.after);
    let (mut entries, mut count, mut last, mut truncated) = (String::new(), 0, "", false);
    while let Some(key) = keys.get(at).filter(|key| key.starts_with(&listing.prefix)) {
        let common = listing.rolled_up(key);
        if common.is_some_and(|common| common <= listing.after.as_str()) {
            at += keys[at..].partition_point(|key| key.starts_with(common.unwrap_or_default()));
            continue;
        }
        if count == size {
            truncated = true;
            break;
        }
        count += 1;
        let written = match common {
            Some(common) => {
                last = common;
                at += keys[at..].partition_point(|key| key.starts_with(common));
                write!(
                    entries,
                    "<CommonPrefixes><Prefix>{common}</Prefix></CommonPrefixes>"
                )
            }
            None => {
                last = key;
                at += 1;
                write!(
                    entries,
                    "<Contents><Key>{key}</Key><LastModified>2020-01-01T00:00:00.000Z</LastModified>\
                     <ETag>{e_tag}</ETag><Size>64</Size><StorageClass>STANDARD</StorageClass></Contents>"
                )
            }
        };
        written.expect("memory takes any text");
    }
    let token = if truncated {
        format!("<NextContinuationToken>{last}</NextContinuationToken>")
    } else {
        String::new()
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bench</Name>\
         <KeyCount>{count}</KeyCount><IsTruncated>{truncated}</IsTruncated>{token}{entries}</ListBucketResult>"
    )
}
