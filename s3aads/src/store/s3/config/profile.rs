//! What `~/.aws/config` says of a profile: region and endpoint. Credentials are [`chain`](super::chain)'s.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_runtime::env_config::EnvConfigValue;
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use futures_util::FutureExt;

use super::{ConfigError, Environment};

/// What a profile sets.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ProfileSettings {
    pub region: Option<String>,
    /// Where S3 is: `endpoint_url` of the profile's `services` section, else of the profile.
    pub endpoint: Option<String>,
}

/// The settings of the profile of this name, else of the one that `AWS_PROFILE` names, else of the
/// default one.
///
/// # Errors
///
/// If a file can't be read or understood, or a profile that is named is not there.
pub(super) fn settings(
    env: &Environment,
    profile: Option<&str>,
) -> Result<ProfileSettings, ConfigError> {
    let named = profile.or_else(|| env.get("AWS_PROFILE").map(String::as_str));
    let named = named.filter(|name| !name.is_empty());
    let variables: HashMap<String, String> = env
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let variables = Env::from(variables);
    let (files, disk) = (EnvConfigFiles::default(), Fs::real());
    let chosen = named.map(|name| Cow::Owned(name.to_owned()));
    let loaded = aws_config::profile::load(&disk, &variables, &files, chosen);
    // Files are read at once, though its signature would let them be waited for.
    let loaded = loaded.now_or_never();
    let sections = match loaded {
        Some(Ok(sections)) => sections,
        Some(Err(error)) => {
            return Err(ConfigError(format!(
                "the AWS configuration files can't be read: {}",
                super::chain::told(&error)
            )));
        }
        None => return Ok(ProfileSettings::default()),
    };
    if let Some(name) = named
        && sections.get_profile(name).is_none()
    {
        return Err(ConfigError(format!(
            "there is no profile {name:?} in ~/.aws/config or ~/.aws/credentials, or in the files that \
             AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name"
        )));
    }
    let endpoint = EnvConfigValue::new()
        .profile("endpoint_url")
        .service_id("S3");
    let endpoint = endpoint.load(&variables, Some(&sections));
    Ok(ProfileSettings {
        region: sections.get("region").map(str::to_owned),
        endpoint: endpoint.map(|(url, _)| url.into_owned()),
    })
}
