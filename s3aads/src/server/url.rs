//! Opens databases by URL.

use std::sync::Arc;

use object_store::memory::InMemory;
use url::Url;

use crate::database::Database;
use crate::error::{Error, ErrorKind, Result};
#[cfg(any(feature = "gcs", feature = "azure"))]
use crate::fault::store_error;
use crate::store::GenericBackend;

impl Database {
    /// Opens the database that a URL names; no request is sent.
    ///
    /// - `memory:///name` (or `memory://name`): a new one in this process, made by
    ///   [`create`](Self::create) like any other. Clone the handle to share it, or open it through
    ///   [`Server::memory`](crate::Server::memory).
    /// - `file:///folder`: the embedded local store (feature `local`). `file:data/db`, without a slash, is
    ///   a folder below the working one.
    /// - `s3://bucket` or `s3://bucket/prefix`: S3 and its like, set up by the usual AWS environment
    ///   variables (feature `s3`); [`Server::s3`](crate::Server::s3) takes settings.
    /// - `gs://bucket[/prefix]` and `az://container[/prefix]`: with the features `gcs` and `azure`,
    ///   set up by their usual environment variables; [`open_with`](Self::open_with) takes settings.
    ///
    /// # Errors
    ///
    /// `InvalidConfig` if the URL names no store, its feature is off, or the settings can't work;
    /// on S3, Azure and Google Cloud also if no credentials are found: the error says what was
    /// looked for.
    ///
    /// ```
    /// # use s3aads::Database;
    /// let db = Database::open("memory:///test")?;
    /// assert_eq!(db.name(), "test");
    /// # Ok::<(), s3aads::Error>(())
    /// ```
    pub fn open(url: &str) -> Result<Self> {
        open(url, &[])
    }

    /// Opens the `gs://` or `az://` database that a URL names, with settings that take precedence
    /// over the environment's; no request is sent.
    ///
    /// A setting has the name of its environment variable, in lower case, such as
    /// `azure_storage_account_name`, `azure_storage_account_key`, `google_service_account`. They are
    /// those of `object_store`: [`AzureConfigKey`](https://docs.rs/object_store/latest/object_store/azure/enum.AzureConfigKey.html)
    /// and [`GoogleConfigKey`](https://docs.rs/object_store/latest/object_store/gcp/enum.GoogleConfigKey.html).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); also `InvalidConfig` if a setting is unknown, can't work or is for
    /// another store.
    ///
    /// ```
    /// # use s3aads::{Database, Error};
    /// # fn open(key: &str) -> Result<Database, Error> {
    /// Database::open_with(
    ///     "az://container",
    ///     [("azure_storage_account_name", "account"), ("azure_storage_account_key", key)],
    /// )
    /// # }
    /// ```
    pub fn open_with<K: Into<String>, V: Into<String>>(
        url: &str,
        settings: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self> {
        let settings = settings.into_iter();
        let settings: Vec<_> = settings.map(|(k, v)| (k.into(), v.into())).collect();
        open(url, &settings)
    }
}

/// Opens what the URL names; `settings` are for the clouds that have no builder of their own.
fn open(text: &str, settings: &[(String, String)]) -> Result<Database> {
    let url = parse(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        // The URL itself is not printed: it may hold a password.
        return Err(invalid(
            "a database's URL holds no credentials; give them to `Server::s3`",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("a database's URL has no `?` or `#` part"));
    }
    if !settings.is_empty() && !matches!(url.scheme(), "gs" | "az") {
        return Err(invalid(
            "only gs:// and az:// take settings here; those of S3 are given to `Server::s3`",
        ));
    }
    match url.scheme() {
        "memory" => {
            let name = memory_name(&url)?;
            let backend = GenericBackend::absent(Arc::new(InMemory::new()), &name);
            Ok(Database::new(name, String::new(), Arc::new(backend)))
        }
        #[cfg(feature = "local")]
        "file" => {
            let folder = url.to_file_path().map_err(|()| {
                invalid(
                    "a file URL has three slashes and an absolute path, file:///var/lib/app/db, \
                     or no slash and a path below the working folder, file:data/db",
                )
            })?;
            if folder.as_os_str().as_encoded_bytes().contains(&0) {
                return Err(invalid("no folder has a NUL in its path"));
            }
            super::open_folder(&folder)
        }
        #[cfg(feature = "s3")]
        "s3" => {
            let (bucket, prefix) = bucket_and_prefix(&url)?;
            super::Server::s3().build()?.database_at(&bucket, &prefix)
        }
        #[cfg(feature = "gcs")]
        "gs" => {
            let (bucket, prefix) = bucket_and_prefix(&url)?;
            let backend = crate::store::cloud::open_gcs(&bucket, settings);
            let backend = backend.map_err(|error| store_error(error, "open the database"))?;
            Ok(Database::new(bucket, prefix, Arc::new(backend)))
        }
        #[cfg(feature = "azure")]
        "az" => {
            let (container, prefix) = bucket_and_prefix(&url)?;
            let backend = crate::store::cloud::open_azure(&container, settings);
            let backend = backend.map_err(|error| store_error(error, "open the database"))?;
            Ok(Database::new(container, prefix, Arc::new(backend)))
        }
        scheme => Err(invalid(match feature(scheme) {
            Some(feature) => format!("{scheme}:// needs the crate's feature `{feature}`"),
            None => {
                format!("no store is known for {scheme}://; there are s3, file, memory, gs and az")
            }
        })),
    }
}

impl super::Server {
    /// What holds the databases that a URL is above of: `s3://` for the buckets of the S3 server that
    /// the environment describes, `file:///folder` (or `file:folder`) for the folders in a folder,
    /// `memory://` for databases in this process. No request is sent.
    ///
    /// # Errors
    ///
    /// `InvalidConfig` if the URL names no such store or one database, its feature is off, or the
    /// settings can't work; `Unsupported` for `gs://` and `az://`, whose buckets can't be listed.
    ///
    /// ```
    /// # use s3aads::{ErrorKind, Server};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// assert!(Server::open("memory://")?.list_databases().await?.is_empty());
    /// assert_eq!(Server::open("s3://one-bucket").unwrap_err().kind(), ErrorKind::InvalidConfig);
    /// # Ok(())
    /// # }
    /// ```
    pub fn open(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
        let is_root = rest.trim_matches('/').is_empty();
        match scheme {
            "memory" if is_root => Ok(Self::memory()),
            #[cfg(feature = "local")]
            "file" if rest == "." => Ok(Self::local(".")),
            #[cfg(feature = "local")]
            "file" => {
                let folder = parse(url)?.to_file_path();
                let folder = folder.map_err(|()| {
                    invalid("a folder of databases is file:///var/lib/app or file:app")
                })?;
                Ok(Self::local(folder))
            }
            #[cfg(feature = "s3")]
            "s3" if is_root => Self::s3().build(),
            "s3" | "memory" if !is_root => Err(invalid(format!(
                "{url:?} names one database; what holds databases is {scheme}://"
            ))),
            "gs" | "az" => Err(Error::new(
                ErrorKind::Unsupported,
                format!("the databases of {scheme}:// can't be listed; give the URL of one"),
            )),
            _ => Err(invalid(match feature(scheme) {
                Some(feature) => format!("{scheme}:// needs the crate's feature `{feature}`"),
                None => "what holds databases is s3://, file:///folder or memory://".to_owned(),
            })),
        }
    }
}

/// The URL; what follows `file:` without a slash is relative to the working folder.
pub(crate) fn parse(text: &str) -> Result<Url> {
    let relative = text
        .strip_prefix("file:")
        .filter(|path| !path.starts_with('/'));
    let parsed = match relative {
        Some("") => return Err(invalid("a file URL names a folder: file:///var/lib/app/db")),
        Some(_) => {
            let folder = std::env::current_dir().ok();
            let folder = folder.and_then(|folder| Url::from_directory_path(folder).ok());
            let folder = folder.ok_or_else(|| {
                invalid("the working folder is unknown; give an absolute path: file:///folder")
            })?;
            Url::options().base_url(Some(&folder)).parse(text)
        }
        None => Url::parse(text),
    };
    parsed.map_err(|error| {
        invalid("a database's URL is like s3://bucket, file:///folder or memory:///name")
            .because(error)
    })
}

/// The name of a database in memory, in the place of the host or of the path.
fn memory_name(url: &Url) -> Result<String> {
    let host = url.host_str().unwrap_or_default();
    let name = format!("{host}{}", url.path());
    match name.trim_matches('/') {
        "" => Err(invalid("a database in memory has a name: memory:///name")),
        name => Ok(name.to_owned()),
    }
}

/// The feature without which a known scheme ends up here.
fn feature(scheme: &str) -> Option<&'static str> {
    match scheme {
        "file" => Some("local"),
        "s3" => Some("s3"),
        "gs" => Some("gcs"),
        "az" => Some("azure"),
        _ => None,
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidConfig, message)
}

/// The bucket, and the prefix with a `/` at its end unless it is empty.
#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
fn bucket_and_prefix(url: &Url) -> Result<(String, String)> {
    let bucket = url
        .host_str()
        .filter(|host| !host.is_empty() && url.port().is_none());
    let bucket = bucket
        .ok_or_else(|| invalid(format!("the URL names a bucket after {}://", url.scheme())))?;
    let prefix = object_store::path::Path::from_url_path(url.path())
        .map_err(|error| invalid("the URL's path can't be a prefix of keys").because(error))?;
    let prefix = match prefix.as_ref() {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    };
    Ok((bucket.to_owned(), prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_name_no_database_say_what_one_is_like() {
        for (url, part) in [
            ("", "s3://bucket"),
            ("joeyism-test", "s3://bucket"),
            ("ftp://host/x", "no store is known for ftp://"),
            ("s3://", "names a bucket"),
            ("s3://key:secret@bucket", "holds no credentials"),
            ("memory:///x?y=1", "no `?`"),
            ("memory:///", "has a name"),
            ("memory:", "has a name"),
            ("file:", "names a folder"),
            ("file:data?x", "no `?`"),
            ("file://data/db", "file:data/db"),
        ] {
            let error = open(url, &[]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{url}");
            assert!(error.to_string().contains(part), "{url}: {error}");
            assert!(!format!("{error:?}").contains("secret"));
        }
    }

    #[test]
    fn a_database_in_memory_is_named_by_host_or_path() -> Result<()> {
        for (url, name) in [
            ("memory:///test", "test"),
            ("memory://test", "test"),
            ("memory:///a/b", "a/b"),
            ("memory://test/", "test"),
        ] {
            assert_eq!(open(url, &[])?.name(), name, "{url}");
        }
        Ok(())
    }
}
