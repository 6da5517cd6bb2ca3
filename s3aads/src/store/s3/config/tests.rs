use super::*;

fn env(pairs: &[(&str, &str)]) -> Environment {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn with_key() -> S3Options {
    S3Options::default().credentials("KEYID", "topsecret")
}

/// The feature `aws-config` finds out when the first request is sent.
#[cfg(not(feature = "aws-config"))]
#[test]
fn without_credentials_the_error_says_what_was_looked_for() {
    let error = resolve(&S3Options::default(), &env(&[]))
        .unwrap_err()
        .to_string();
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_SKIP_SIGNATURE",
        "aws-config",
    ] {
        assert!(error.contains(name), "{error}");
    }
    let half = resolve(&S3Options::default(), &env(&[("AWS_ACCESS_KEY_ID", "a")]));
    assert!(
        half.unwrap_err()
            .to_string()
            .contains("AWS_SECRET_ACCESS_KEY is not")
    );
}

#[cfg(not(feature = "aws-config"))]
#[test]
fn sources_are_taken_in_the_order_in_which_they_are_named() {
    let key = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    let web = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", "r")];
    let container = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x")];
    let instance = [("AWS_EC2_METADATA_DISABLED", "false")];
    let all = [&key[..], &web, &container, &instance];
    for (first, expected) in [
        Source::Static,
        Source::WebIdentity,
        Source::Container,
        Source::Instance,
    ]
    .into_iter()
    .enumerate()
    {
        let env = env(&all[first..].concat());
        assert_eq!(
            resolve(&S3Options::default(), &env).unwrap().source,
            expected
        );
    }
    let everything = env(&all.concat());
    let anonymous = S3Options::default().anonymous(true);
    assert_eq!(
        resolve(&anonymous, &everything).unwrap().source,
        Source::Anonymous
    );
    let config = resolve(&with_key(), &everything).unwrap();
    assert_eq!(
        (config.source, config.identity.as_str()),
        (Source::Static, "KEYID")
    );
}

#[test]
fn a_bucket_stands_in_the_host_on_amazon_and_in_the_path_elsewhere() {
    let url = |options: S3Options, vars: &[(&str, &str)], bucket: &str| {
        resolve(&options, &env(vars))
            .unwrap()
            .address
            .bucket(bucket)
    };
    let region = [("AWS_DEFAULT_REGION", "eu-west-1")];
    assert_eq!(
        url(with_key(), &region, "b"),
        "https://b.s3.eu-west-1.amazonaws.com"
    );
    assert_eq!(
        url(with_key(), &region, "a.b"),
        "https://s3.eu-west-1.amazonaws.com/a.b"
    );
    assert_eq!(
        url(with_key().path_style(true), &region, "b"),
        "https://s3.eu-west-1.amazonaws.com/b"
    );
    let endpoint = [("AWS_ENDPOINT_URL", "http://127.0.0.1:9000/")];
    assert_eq!(url(with_key(), &endpoint, "b"), "http://127.0.0.1:9000/b");
    assert_eq!(
        url(
            with_key()
                .path_style(false)
                .endpoint("https://nyc3.spaces.test"),
            &endpoint,
            "b"
        ),
        "https://b.nyc3.spaces.test"
    );
    let both = [
        ("AWS_ENDPOINT_URL", "http://a"),
        ("AWS_ENDPOINT_URL_S3", "http://s"),
    ];
    assert_eq!(url(with_key(), &both, "b"), "http://s/b");
    assert_eq!(
        url(with_key().region("cn-north-1"), &[], "b"),
        "https://b.s3.cn-north-1.amazonaws.com.cn"
    );
}

#[test]
fn what_can_not_work_is_refused() {
    for endpoint in [
        "",
        "no url",
        "ftp://h",
        "http://",
        "https://u:topsecret@h",
        "https://h/?x=1",
    ] {
        let error = resolve(&with_key().endpoint(endpoint), &env(&[])).unwrap_err();
        assert!(!error.to_string().contains("topsecret"), "{error}");
    }
    assert!(
        resolve(
            &with_key().endpoint("http://h").allow_http(false),
            &env(&[])
        )
        .is_err()
    );
    assert!(resolve(&with_key().region("a/b"), &env(&[])).is_err());
    assert!(resolve(&S3Options::default().credentials("a", "b\n"), &env(&[])).is_err());
    assert!(resolve(&with_key().session_token("t\n"), &env(&[])).is_err());
    assert!(resolve(&with_key(), &env(&[("AWS_SKIP_SIGNATURE", "perhaps")])).is_err());
    for bucket in ["", ".", "..", "a/b", "a b", "a..b", "é", "a?b"] {
        assert!(check_bucket(bucket).is_err(), "{bucket}");
    }
    for bucket in ["joeyism-test", "a.b", "Old_Name"] {
        assert_eq!(check_bucket(bucket), Ok(()));
    }
}

#[test]
fn no_secret_is_printed() {
    let options = with_key()
        .session_token("topsecret-token")
        .endpoint("https://user:topsecret@host");
    assert!(!format!("{options:?}").contains("topsecret"));
    let options = with_key()
        .session_token("topsecret-token")
        .endpoint("https://host");
    let config = resolve(&options, &env(&[("AWS_SECRET_ACCESS_KEY", "topsecret")])).unwrap();
    assert!(!format!("{config:#?}").contains("topsecret"));
    assert!(!format!("{:#?}", config.provider).contains("topsecret"));
}
