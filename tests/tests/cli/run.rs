//! Runs the program and looks at what it says.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use s3aads_tests::server::Server;
use serde_json::Value;
use tempfile::TempDir;

/// The program, beside the tests' own folder.
pub(crate) fn program() -> PathBuf {
    let tests = env::current_exe().unwrap();
    let built = tests.parent().and_then(Path::parent).unwrap();
    let program = built.join(format!("s3aads{}", env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not there: cargo build -p s3aads --features cli",
        program.display()
    );
    program
}

/// Where the program is run: a folder of its own, and a database.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) url: String,
    variables: Vec<(String, String)>,
}

impl Place {
    /// With a database on the local disk.
    pub(crate) fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}/db", folder.path().display());
        let place = Self {
            folder,
            url,
            variables: Vec::new(),
        };
        place.ok(["create", &place.url]);
        place
    }

    /// With a bucket on a server of S3's protocol.
    pub(crate) fn s3(server: &Server) -> Self {
        server.create_bucket("shop");
        let variables = [
            ("AWS_ENDPOINT_URL", server.endpoint()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", server.region().to_owned()),
            ("AWS_ACCESS_KEY_ID", server.access_key().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", server.secret_key().to_owned()),
        ];
        Self {
            folder: tempfile::tempdir().unwrap(),
            url: "s3://shop".to_owned(),
            variables: variables
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
        }
    }

    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// A file in the folder.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command<I>(&self, arguments: I) -> Command
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = Command::new(program());
        // Nothing of the environment of whoever runs the tests.
        let own = env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            name.starts_with("AWS_") || name.starts_with("S3AADS_") || name == "NO_COLOR"
        });
        for (name, _) in own {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.folder.path());
        // Nor of their home folder, nor of the machine that they are on.
        command.env("HOME", self.folder.path());
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(self.variables.iter().cloned());
        command
    }

    pub(crate) fn run<I>(&self, arguments: I) -> Ran
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.run_with(arguments, "")
    }

    /// With something on standard input.
    pub(crate) fn run_with<I>(&self, arguments: I, input: &str) -> Ran
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Who does not read it has gone by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran::of(&child.wait_with_output().unwrap())
    }

    /// What a run that succeeds prints.
    #[track_caller]
    pub(crate) fn ok<I>(&self, arguments: I) -> String
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    }

    /// The lines of JSON that a run prints.
    #[track_caller]
    pub(crate) fn json<I>(&self, arguments: I) -> Vec<Value>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let out = self.ok(arguments
            .into_iter()
            .map(|argument| argument.as_ref().to_owned())
            .chain(["--json".into()]));
        out.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// What a run says that ends with this code.
    #[track_caller]
    pub(crate) fn fails<I>(&self, code: i32, arguments: I) -> String
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{ran:?}");
        ran.err
    }
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

/// The columns of the table that most tests have.
pub(crate) const DAYS: &str = "city, month: u8 width 2";

/// Three of its rows.
pub(crate) const CSV: &str =
    "city,month,rain,code,wet\nOslo,1,1.5,007,true\nOslo,2,0.5,008,false\nBern,12,2,,true\n";

/// A table with three rows.
pub(crate) fn days(place: &Place) {
    place.file("days.csv", CSV);
    place.ok(["import", &place.url, "days", "days.csv", "--columns", DAYS]);
}
