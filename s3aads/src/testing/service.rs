//! Where requests pass through and are broken.

use std::fmt;

use async_trait::async_trait;
use http::StatusCode;
use object_store::client::{
    HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use percent_encoding::percent_decode_str;

use super::class::classify;
use super::rewrite::{self, Rewritten};
use super::rule::{Counted, Subject};
use super::{Action, Faults, Injected, RequestClass};
use crate::store::PageToken;
use crate::store::http::listing;

pub(super) struct FaultService {
    pub(super) inner: HttpClient,
    pub(super) faults: Faults,
}

impl fmt::Debug for FaultService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultService")
    }
}

#[async_trait]
impl HttpService for FaultService {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let class = classify(request.method(), request.uri(), request.headers());
        let path = decoded(request.uri().path());
        let Some(action) = self.pick(&request, class, &path) else {
            return self.forward(request, class, &path).await;
        };
        tracing::debug!(%class, path, fault = %action, "injected a fault");
        match action {
            Action::Respond { status, code } => Ok(error(status, &code)),
            Action::Refuse => Err(broken(HttpErrorKind::Connect, "connection refused")),
            Action::ApplyThenReset => {
                self.apply(request).await?;
                Err(broken(HttpErrorKind::Interrupted, "connection reset"))
            }
            Action::ApplyThenTimeout => {
                self.apply(request).await?;
                Err(broken(HttpErrorKind::Timeout, "timed out"))
            }
            Action::ApplyThenRespond { status, code } => {
                self.apply(request).await?;
                Ok(error(status, &code))
            }
            Action::Hold => {
                let held = (self.inner.clone(), request);
                self.faults.state().held.push(held);
                Err(broken(HttpErrorKind::Timeout, "timed out"))
            }
            Action::Delay(delay) => {
                tokio::time::sleep(delay).await;
                self.forward(request, class, &path).await
            }
            Action::CutBody(after) => {
                let response = self.forward(request, class, &path).await?;
                rewrite::with_body(response, |body| {
                    let body = body.slice(..after.min(body.len()));
                    HttpResponseBody::new(rewrite::CutBody::after(body))
                })
                .await
            }
            Action::FlipBit(bit) => {
                let response = self.forward(request, class, &path).await?;
                rewrite::with_body(response, |body| {
                    let mut body = body.to_vec();
                    if let Some(byte) = body.get_mut(bit / 8) {
                        *byte ^= 1 << (bit % 8);
                    }
                    body.into()
                })
                .await
            }
            Action::RepeatPage => {
                let page = token(&request).and_then(|token| {
                    let place = (path.clone(), token);
                    self.faults.state().pages.get(&place).cloned()
                });
                match page {
                    Some(page) => Ok(HttpResponse::new(page.into())),
                    None => self.forward(request, class, &path).await,
                }
            }
            Action::IgnoreStartAfter => {
                let request = rewrite::without_start_after(request);
                let request = self.signed(request)?;
                self.forward(request, class, &path).await
            }
            Action::IgnoreConditions => {
                let request = self.signed(rewrite::without_conditions(request))?;
                self.forward(request, class, &path).await
            }
            Action::FailDeletes { containing, code } => {
                match rewrite::without_deletes(request, &containing, &code) {
                    Rewritten::Same(request) => self.forward(request, class, &path).await,
                    Rewritten::Answered(answer) => Ok(HttpResponse::new(answer.into())),
                    Rewritten::Less(request, failed) => {
                        let request = self.signed(request)?;
                        let response = self.forward(request, class, &path).await?;
                        rewrite::with_failed_deletes(response, &failed).await
                    }
                }
            }
        }
    }
}

impl FaultService {
    /// The action of the first rule that picks the request, which goes into the log.
    fn pick(&self, request: &HttpRequest, class: RequestClass, path: &str) -> Option<Action> {
        let query = decoded(request.uri().query().unwrap_or_default());
        let text = format!("{path}?{query}");
        let mut state = self.faults.state();
        let earlier = state
            .seen
            .entry(format!("{} {text}", request.method()))
            .or_default();
        let subject = Subject {
            class,
            text: &text,
            earlier: *earlier,
            seed: self.faults.seed,
        };
        *earlier += 1;
        let mut rules = state.rules.iter_mut().enumerate();
        let action = rules.find_map(|(index, rule)| rule.pick(index, &subject))?;
        state.log.push(Injected {
            class,
            path: path.to_owned(),
            fault: action.to_string(),
        });
        Some(action)
    }

    /// Sends the request on, and keeps the page of a listing if a rule may repeat it.
    async fn forward(
        &self,
        request: HttpRequest,
        class: RequestClass,
        path: &str,
    ) -> Result<HttpResponse, HttpError> {
        let response = self.inner.execute(request).await?;
        let keep = class == RequestClass::List
            && response.status().is_success()
            && self.faults.state().rules.iter().any(Counted::repeats_pages);
        if !keep {
            return Ok(response);
        }
        rewrite::with_body(response, |body| {
            let next = listing::parse(&body).ok().and_then(|page| page.next);
            if let Some(PageToken::Server(next)) = next {
                let place = (path.to_owned(), next);
                self.faults.state().pages.insert(place, body.clone());
            }
            body.into()
        })
        .await
    }

    /// Sends the request on and waits until the server has answered in full.
    async fn apply(&self, request: HttpRequest) -> Result<(), HttpError> {
        let response = self.inner.execute(request).await?;
        response.into_body().bytes().await.map(drop)
    }

    fn signed(&self, request: HttpRequest) -> Result<HttpRequest, HttpError> {
        match &self.faults.signer {
            Some(signer) => rewrite::sign(request, &signer.credential, &signer.region),
            None => Ok(request),
        }
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The continuation token of a LIST.
fn token(request: &HttpRequest) -> Option<String> {
    let mut pairs = request.uri().query()?.split('&');
    let token = pairs.find_map(|pair| pair.strip_prefix("continuation-token="))?;
    Some(decoded(token))
}

fn broken(kind: HttpErrorKind, what: &'static str) -> HttpError {
    HttpError::new(kind, std::io::Error::other(format!("{what} (injected)")))
}

fn error(status: u16, code: &str) -> HttpResponse {
    let body = format!(
        "<Error><Code>{}</Code><Message>injected</Message></Error>",
        quick_xml::escape::escape(code)
    );
    let mut response = HttpResponse::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}
