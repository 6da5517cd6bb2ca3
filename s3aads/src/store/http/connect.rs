//! The HTTP client beneath the stores: `object_store`'s, save that it follows no redirect.
//!
//! A redirect that is followed turns a PUT into a GET that is answered 200, replays a delete
//! elsewhere and shows the session's token to whoever is there. `object_store` has no setting for
//! it, so the client is built here, from the same options.

use std::fmt::Display;
use std::net::ToSocketAddrs;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use object_store::client::{ClientConfigKey as Key, HttpClient, HttpConnector};
use object_store::{ClientOptions, Error, Result};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::tls::Certificate;
use reqwest::{ClientBuilder, NoProxy, Proxy};

/// Connects as `object_store` does, and gives back a redirect as the answer that it is.
#[derive(Debug, Default)]
pub(crate) struct Direct;

impl HttpConnector for Direct {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        let client = builder(&Settings(options))?.build().map_err(unusable)?;
        Ok(HttpClient::new(client))
    }
}

/// Connects as the connector does that a user gave.
#[cfg(feature = "s3")]
#[derive(Debug)]
pub(crate) struct Given(pub Arc<dyn HttpConnector>);

#[cfg(feature = "s3")]
impl HttpConnector for Given {
    fn connect(&self, options: &ClientOptions) -> Result<HttpClient> {
        self.0.connect(options)
    }
}

/// Client options of these settings.
#[cfg(any(feature = "gcs", feature = "azure"))]
pub(crate) fn options(get: impl Fn(Key) -> Option<String>) -> ClientOptions {
    const KEYS: [Key; 15] = [
        Key::UserAgent,
        Key::AllowHttp,
        Key::AllowInvalidCertificates,
        Key::Http2KeepAliveWhileIdle,
        Key::ProxyUrl,
        Key::ProxyExcludes,
        Key::ProxyCaCertificate,
        Key::Timeout,
        Key::ConnectTimeout,
        Key::ReadTimeout,
        Key::PoolIdleTimeout,
        Key::PoolMaxIdlePerHost,
        Key::Http2MaxFrameSize,
        Key::Http1Only,
        Key::Http2Only,
    ];
    let set = KEYS.into_iter().filter_map(|key| Some((key, get(key)?)));
    set.fold(ClientOptions::new(), |options, (key, value)| {
        options.with_config(key, value)
    })
}

fn builder(settings: &Settings<'_>) -> Result<ClientBuilder> {
    const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    let agent = settings.text(Key::UserAgent);
    let mut builder = ClientBuilder::new()
        .redirect(Policy::none())
        .user_agent(agent.unwrap_or_else(|| AGENT.to_owned()))
        .https_only(!settings.flag(Key::AllowHttp)?)
        .tls_danger_accept_invalid_certs(settings.flag(Key::AllowInvalidCertificates)?)
        .http2_keep_alive_while_idle(settings.flag(Key::Http2KeepAliveWhileIdle)?);
    if let Some(url) = settings.text(Key::ProxyUrl) {
        let excluded = settings.text(Key::ProxyExcludes);
        let excluded = excluded.and_then(|hosts| NoProxy::from_string(&hosts));
        let proxy = Proxy::all(url).map_err(unusable)?;
        builder = builder.proxy(proxy.no_proxy(excluded));
        if let Some(certificate) = settings.text(Key::ProxyCaCertificate) {
            let certificate = Certificate::from_pem(certificate.as_bytes()).map_err(unusable)?;
            builder = builder.tls_certs_merge([certificate]);
        }
    }
    if settings.flag(Key::NoSystemCertificates)? {
        builder = builder.tls_certs_only([]);
    }
    if let Some(timeout) = settings.duration(Key::Timeout)? {
        builder = builder.timeout(timeout);
    }
    if let Some(timeout) = settings.duration(Key::ConnectTimeout)? {
        builder = builder.connect_timeout(timeout);
    }
    if let Some(timeout) = settings.duration(Key::ReadTimeout)? {
        builder = builder.read_timeout(timeout);
    }
    if let Some(timeout) = settings.duration(Key::PoolIdleTimeout)? {
        builder = builder.pool_idle_timeout(timeout);
    }
    if let Some(most) = settings.number(Key::PoolMaxIdlePerHost)? {
        builder = builder.pool_max_idle_per_host(most);
    }
    if let Some(interval) = settings.duration(Key::Http2KeepAliveInterval)? {
        builder = builder.http2_keep_alive_interval(interval);
    }
    if let Some(timeout) = settings.duration(Key::Http2KeepAliveTimeout)? {
        builder = builder.http2_keep_alive_timeout(timeout);
    }
    if let Some(size) = settings.number(Key::Http2MaxFrameSize)? {
        builder = builder.http2_max_frame_size(Some(size));
    }
    if settings.flag(Key::RandomizeAddresses)? {
        builder = builder.dns_resolver(Arc::new(Shuffled));
    }
    if settings.flag(Key::Http1Only)? {
        builder = builder.http1_only();
    }
    if settings.flag(Key::Http2Only)? {
        builder = builder.http2_prior_knowledge();
    }
    Ok(builder)
}

/// Gives a host's addresses in any order, so that many connections spread over a store's servers.
struct Shuffled;

impl Resolve for Shuffled {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let look_up = move || (name.as_str(), 0).to_socket_addrs();
            let mut addresses: Vec<_> = tokio::task::spawn_blocking(look_up).await??.collect();
            fastrand::shuffle(&mut addresses);
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Options as texts, which is how `object_store` gives them out.
struct Settings<'a>(&'a ClientOptions);

impl Settings<'_> {
    fn text(&self, key: Key) -> Option<String> {
        self.0.get_config_value(&key)
    }

    fn flag(&self, key: Key) -> Result<bool> {
        let text = self.text(key).unwrap_or_default().to_ascii_lowercase();
        match text.as_str() {
            "1" | "true" | "on" | "yes" | "y" => Ok(true),
            "" | "0" | "false" | "off" | "no" | "n" => Ok(false),
            _ => Err(unfit(key, "true or false")),
        }
    }

    fn number<T: FromStr>(&self, key: Key) -> Result<Option<T>> {
        let number = self.text(key).map(|text| text.parse());
        number.transpose().map_err(|_| unfit(key, "a number"))
    }

    fn duration(&self, key: Key) -> Result<Option<Duration>> {
        let duration = self.text(key).map(|text| humantime::parse_duration(&text));
        let duration = duration.transpose();
        duration.map_err(|_| unfit(key, "a duration such as `30s`"))
    }
}

fn unfit(key: Key, expected: impl Display) -> Error {
    unusable(format!("{} must be {expected}", key.as_ref()))
}

fn unusable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Generic {
        store: "HTTP client",
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_object_store_reads_them() {
        let options = ClientOptions::new()
            .with_timeout(Duration::from_millis(1_500))
            .with_config(Key::Http1Only, "on")
            .with_config(Key::PoolMaxIdlePerHost, "3")
            .with_config(Key::ReadTimeout, "2m 3s");
        let settings = Settings(&options);
        let timeout = settings.duration(Key::Timeout).unwrap();
        assert_eq!(timeout, Some(Duration::from_millis(1_500)));
        let timeout = settings.duration(Key::ReadTimeout).unwrap();
        assert_eq!(timeout, Some(Duration::from_secs(123)));
        assert!(settings.flag(Key::Http1Only).unwrap());
        assert!(!settings.flag(Key::Http2Only).unwrap());
        assert_eq!(settings.number(Key::PoolMaxIdlePerHost).unwrap(), Some(3));
        Direct.connect(&options).unwrap();
        for (key, value) in [
            (Key::Http1Only, "perhaps"),
            (Key::Timeout, "soon"),
            (Key::PoolMaxIdlePerHost, "-1"),
            (Key::ProxyUrl, "no url:"),
        ] {
            let options = ClientOptions::new().with_config(key, value);
            assert!(Direct.connect(&options).is_err(), "{value}");
        }
    }
}
