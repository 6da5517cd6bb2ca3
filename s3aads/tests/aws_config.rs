//! The feature `aws-config`: credentials, region and endpoint from where Amazon's tools have them.
//!
//! Each case runs in a process of its own, since they are looked for in the environment and in the home
//! folder. S3, the metadata service, SSO and STS are one server on the loopback interface, which notes
//! whom S3 was asked by.
#![cfg(unix)]
#![allow(missing_docs, missing_debug_implementations)]

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use s3aads::Database;
use tempfile::TempDir;

const CHILD: &str = "S3AADS_AWS_CONFIG_CHILD";

/// The key id and the region that each request to S3 was signed with.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

struct Services {
    url: String,
    seen: Seen,
}

impl Services {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Seen::default();
        let noted = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                thread::spawn(move || serve(stream, &noted));
            }
        });
        Self { url, seen }
    }
}

fn serve(stream: TcpStream, seen: &Seen) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let headers: HashMap<String, &str> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        let request = head.lines().next().unwrap();
        let (status, more, answer) = answer(request, &body);
        if request.starts_with("HEAD /bucket") {
            let signed = headers["authorization"];
            let scope = signed.split("Credential=").nth(1).unwrap();
            let mut scope = scope.split('/');
            let key_id = scope.next().unwrap().to_owned();
            seen.lock()
                .unwrap()
                .push((key_id, scope.nth(1).unwrap().to_owned()));
        }
        let length = answer.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\n{more}content-length: {length}\r\n\r\n{answer}"
        )
        .unwrap();
    }
}

fn answer(request: &str, body: &str) -> (&'static str, &'static str, String) {
    const KEYS: &str = "/latest/meta-data/iam/security-credentials/";
    const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n";
    let path = request.split(' ').nth(1).unwrap();
    let ok = |answer: &str| ("200 OK", "", answer.to_owned());
    if request.starts_with("HEAD /bucket") {
        ok("")
    } else if path == "/latest/api/token" {
        ("200 OK", TTL, "token".to_owned())
    } else if path == KEYS {
        ok("role")
    } else if path == format!("{KEYS}role") {
        ok(
            r#"{"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","Type":"AWS-HMAC",
            "AccessKeyId":"INSTANCE","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#,
        )
    } else if path.starts_with("/federation/credentials") {
        ok(
            r#"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t",
            "expiration":4102444800000}}"#,
        )
    } else if body.contains("Action=AssumeRole") {
        ok(
            r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
            <Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
            <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
            </AssumeRoleResult></AssumeRoleResponse>"#,
        )
    } else {
        ("404 Not Found", "", String::new())
    }
}

/// A home folder with these configuration files.
fn home(config: &str, credentials: &str) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join(".aws/sso/cache")).unwrap();
    fs::write(home.path().join(".aws/config"), config).unwrap();
    fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
    home
}

/// Asks for a bucket in a process of this home and these variables, and returns what it printed.
fn ask(home: &Path, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child", "--nocapture"]).env_clear();
    child
        .env("HOME", home)
        .env(CHILD, "1")
        .env("PATH", "/usr/bin:/bin");
    child.envs(variables.iter().copied());
    let printed = child.output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    let told = printed
        .lines()
        .find_map(|line| line.split("child: ").nth(1));
    told.unwrap_or_else(|| panic!("{printed}")).to_owned()
}

/// Not a test by itself: what [`ask`] runs.
#[tokio::test]
async fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let asked = match Database::open("s3://bucket") {
        Ok(db) => db.exists().await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(there) => println!("child: {there}"),
        Err(error) => println!("child: {:?} {error:#}", error.kind()),
    }
}

/// What S3 saw of a case that succeeds.
fn signed(services: &Services, home: &Path, variables: &[(&str, &str)]) -> (String, String) {
    assert_eq!(ask(home, variables), "true", "{variables:?}");
    services.seen.lock().unwrap().pop().unwrap()
}

fn pair(key_id: &str, region: &str) -> (String, String) {
    (key_id.to_owned(), region.to_owned())
}

#[test]
fn keys_region_and_endpoint_come_from_the_files() {
    let services = Services::start();
    let url = &services.url;
    let config = format!(
        "[default]\nregion = eu-north-1\nendpoint_url = {url}\n\
         [profile dev]\nregion = eu-west-3\nservices = local\n\
         [services local]\ns3 =\n  endpoint_url = {url}\n"
    );
    let credentials = "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n\
                       [dev]\naws_access_key_id = DEV\naws_secret_access_key = s\n";
    let home = home(&config, credentials);
    let signed = |variables: &[(&str, &str)]| signed(&services, home.path(), variables);
    assert_eq!(signed(&[]), pair("DEFAULT", "eu-north-1"));
    assert_eq!(signed(&[("AWS_PROFILE", "dev")]), pair("DEV", "eu-west-3"));
    let region = [("AWS_PROFILE", "dev"), ("AWS_REGION", "sa-east-1")];
    assert_eq!(signed(&region), pair("DEV", "sa-east-1"));
    // An access key of the environment comes first, as with Amazon's tools.
    let key = [
        ("AWS_ACCESS_KEY_ID", "VARIABLE"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    assert_eq!(signed(&key), pair("VARIABLE", "eu-north-1"));

    let nowhere = ask(
        home.path(),
        &[("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")],
    );
    assert!(nowhere.starts_with("Unavailable"), "{nowhere}");
    let absent = ask(home.path(), &[("AWS_PROFILE", "prod")]);
    assert!(absent.starts_with("InvalidConfig"), "{absent}");
    assert!(absent.contains(r#"no profile "prod""#), "{absent}");
}

#[test]
fn a_process_a_role_a_session_and_an_instance_give_credentials() {
    let services = Services::start();
    let url = services.url.as_str();
    let process = r#"{"Version":1,"AccessKeyId":"PROCESS","SecretAccessKey":"s"}"#;
    let config = format!(
        "[profile process]\ncredential_process = echo '{process}'\n\
         [profile base]\naws_access_key_id = BASE\naws_secret_access_key = s\n\
         [profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\n\
         [profile session]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n\
         [sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x\n\
         [profile expired]\nsso_session = e\nsso_account_id = 1\nsso_role_name = r\n\
         [sso-session e]\nsso_region = us-east-1\nsso_start_url = https://x\n"
    );
    let home = home(&config, "");
    // Named after the SHA-1 of the session's name.
    let token = ".aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json";
    let cached = r#"{"accessToken":"a","expiresAt":"2099-01-01T00:00:00Z"}"#;
    fs::write(home.path().join(token), cached).unwrap();
    let of = |profile| {
        let variables = [
            ("AWS_PROFILE", profile),
            ("AWS_ENDPOINT_URL", url),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        signed(&services, home.path(), &variables).0
    };
    assert_eq!(of("process"), "PROCESS");
    assert_eq!(of("role"), "ROLE");
    assert_eq!(of("session"), "SSO");

    let instance = [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url),
        ("AWS_ENDPOINT_URL", url),
    ];
    assert_eq!(signed(&services, home.path(), &instance).0, "INSTANCE");
    let expired = [("AWS_PROFILE", "expired"), ("AWS_ENDPOINT_URL", url)];
    let expired = ask(home.path(), &expired);
    assert!(expired.starts_with("PermissionDenied"), "{expired}");
}

/// A metadata service that takes the connection and never answers is what a firewall makes of one.
#[test]
fn where_there_is_nothing_the_answer_comes_within_five_seconds() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let home = home("", "");
    let variables = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", silent.as_str())];
    let started = Instant::now();
    let answer = ask(home.path(), &variables);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert!(answer.starts_with("PermissionDenied"), "{answer}");
    assert!(answer.contains("profile"), "{answer}");

    let off = ask(home.path(), &[("AWS_EC2_METADATA_DISABLED", "true")]);
    assert!(off.starts_with("PermissionDenied"), "{off}");
}
