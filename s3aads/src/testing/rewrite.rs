//! Requests and answers, changed on their way.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, IF_MATCH, IF_NONE_MATCH};
use http_body::{Body, Frame};
use object_store::aws::{AwsAuthorizer, AwsCredential};
use object_store::client::{HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody};

use crate::store::s3::xml::{self, Doomed, content_md5};

/// The answer with what `change` makes of its body.
pub(super) async fn with_body(
    response: HttpResponse,
    change: impl FnOnce(Bytes) -> HttpResponseBody,
) -> Result<HttpResponse, HttpError> {
    let (parts, body) = response.into_parts();
    let body = body.bytes().await?;
    Ok(HttpResponse::from_parts(parts, change(body)))
}

/// Some bytes, then a broken connection.
pub(super) struct CutBody(Option<Bytes>);

impl CutBody {
    pub(super) fn after(body: Bytes) -> Self {
        Self(Some(body))
    }
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        Poll::Ready(Some(match self.0.take() {
            Some(body) => Ok(Frame::data(body)),
            None => Err(HttpError::new(
                HttpErrorKind::Interrupted,
                std::io::Error::other("connection reset in the body (injected)"),
            )),
        }))
    }
}

/// The request without `If-Match` and `If-None-Match`.
pub(super) fn without_conditions(mut request: HttpRequest) -> HttpRequest {
    request.headers_mut().remove(IF_MATCH);
    request.headers_mut().remove(IF_NONE_MATCH);
    request
}

/// The request without `start-after`.
pub(super) fn without_start_after(mut request: HttpRequest) -> HttpRequest {
    let Some(query) = request.uri().query() else {
        return request;
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("start-after="))
        .collect();
    let mut parts = request.uri().clone().into_parts();
    let target = format!("{}?{}", request.uri().path(), kept.join("&"));
    parts.path_and_query = target.parse().ok();
    if let Ok(uri) = http::Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

/// Signs a request that was changed. One that was not signed stays so.
pub(super) fn sign(
    mut request: HttpRequest,
    credential: &AwsCredential,
    region: &str,
) -> Result<HttpRequest, HttpError> {
    let headers = request.headers_mut();
    if headers.remove(AUTHORIZATION).is_none() {
        return Ok(request);
    }
    headers.remove("x-amz-date");
    headers.remove("x-amz-security-token");
    // A body in pieces can't be hashed here, but the first signature holds its digest.
    let digest = headers.remove("x-amz-content-sha256");
    let digest = digest
        .as_ref()
        .and_then(|digest| digest.to_str().ok())
        .and_then(from_hex);
    let in_pieces = request.body().as_bytes().is_none();
    AwsAuthorizer::new(credential, "s3", region)
        .with_sign_payload(digest.is_some())
        .try_authorize(&mut request, digest.as_deref().filter(|_| in_pieces))
        .map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
    Ok(request)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 {
        return None;
    }
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// What became of a bulk delete.
pub(super) enum Rewritten {
    /// None of its keys is to fail.
    Same(HttpRequest),
    /// All of them are; this is the answer.
    Answered(String),
    /// Some are: the request for the others, and what to add to its answer.
    Less(HttpRequest, String),
}

/// Takes the keys that contain `text` out of a bulk delete.
pub(super) fn without_deletes(mut request: HttpRequest, text: &str, code: &str) -> Rewritten {
    let keys = request.body().as_bytes().cloned();
    let Some(keys) = keys.and_then(|body| xml::parse_delete_body(&body).ok()) else {
        return Rewritten::Same(request);
    };
    let (failed, kept): (Vec<Doomed>, Vec<Doomed>) = keys
        .into_iter()
        .partition(|doomed| doomed.key.contains(text));
    let Ok(body) = xml::delete_body(&kept) else {
        return Rewritten::Same(request);
    };
    if failed.is_empty() {
        return Rewritten::Same(request);
    }
    let escape = |text: &str| quick_xml::escape::escape(text).into_owned();
    let errors: String = failed
        .iter()
        .map(|Doomed { key, .. }| {
            format!(
                "<Error><Key>{}</Key><Code>{}</Code><Message>injected</Message></Error>",
                escape(key),
                escape(code)
            )
        })
        .collect();
    if kept.is_empty() {
        return Rewritten::Answered(format!("<DeleteResult>{errors}</DeleteResult>"));
    }
    let digest = content_md5(body.as_bytes());
    let headers = request.headers_mut();
    if let Ok(digest) = digest.parse() {
        headers.insert("content-md5", digest);
    }
    // What is said of the length or the checksum of the body no longer holds.
    headers.remove(CONTENT_LENGTH);
    headers.remove("x-amz-checksum-sha256");
    *request.body_mut() = body.into();
    Rewritten::Less(request, errors)
}

/// The answer to a bulk delete, with the keys that were taken out of it as errors.
pub(super) async fn with_failed_deletes(
    response: HttpResponse,
    failed: &str,
) -> Result<HttpResponse, HttpError> {
    let mut response = with_body(response, |body| {
        let answer = String::from_utf8_lossy(&body);
        let answer = match answer.rfind("</DeleteResult>") {
            Some(end) => answer.get(..end).unwrap_or_default(),
            None => "<DeleteResult>",
        };
        format!("{answer}{failed}</DeleteResult>").into()
    })
    .await?;
    response.headers_mut().remove(CONTENT_LENGTH);
    Ok(response)
}
