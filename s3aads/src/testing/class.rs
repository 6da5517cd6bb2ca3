//! The class of a request, told by its looks: other clients than ours do not say it.

use http::{HeaderMap, Method, Uri};

use crate::store::RequestClass;

/// The class that S3 counts a request under.
pub(super) fn classify(method: &Method, uri: &Uri, headers: &HeaderMap) -> RequestClass {
    let query = uri.query().unwrap_or_default();
    let lists = || {
        uri.path() == "/"
            || query.split('&').any(|pair| {
                let name = pair.split('=').next().unwrap_or_default();
                matches!(name, "list-type" | "max-buckets" | "continuation-token")
            })
    };
    match *method {
        Method::PUT if headers.contains_key("x-amz-copy-source") => RequestClass::Copy,
        Method::PUT => RequestClass::Put,
        Method::POST => RequestClass::Post,
        Method::DELETE => RequestClass::Delete,
        Method::HEAD => RequestClass::Head,
        _ if lists() => RequestClass::List,
        _ => RequestClass::Get,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_classified_as_s3_charges_them() {
        let class = |method: Method, uri: &str, copy: bool| {
            let mut headers = HeaderMap::new();
            if copy {
                headers.insert("x-amz-copy-source", "b/k".parse().unwrap());
            }
            classify(&method, &uri.parse().unwrap(), &headers)
        };
        let http = |path: &str| format!("http://127.0.0.1{path}");
        for (method, path, copy, expected) in [
            (Method::PUT, "/b/k", false, RequestClass::Put),
            (Method::PUT, "/b/k", true, RequestClass::Copy),
            (Method::PUT, "/b", false, RequestClass::Put),
            (Method::POST, "/b?delete", false, RequestClass::Post),
            (
                Method::GET,
                "/b?list-type=2&prefix=x",
                false,
                RequestClass::List,
            ),
            (Method::GET, "/?list-type=2", false, RequestClass::List),
            (Method::GET, "/", false, RequestClass::List),
            (Method::GET, "/b/list-type=2", false, RequestClass::Get),
            (Method::GET, "/b/k", false, RequestClass::Get),
            (Method::HEAD, "/b/k", false, RequestClass::Head),
            (Method::DELETE, "/b/k", false, RequestClass::Delete),
        ] {
            assert_eq!(class(method, &http(path), copy), expected, "{path}");
        }
    }
}
