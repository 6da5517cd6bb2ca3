//! In a real terminal: colours, width, questions and Ctrl-C.

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use s3aads_tests::server::{Options, Server};
use serde_json::Value;

use crate::run::{Place, days, program};

/// The program in a terminal.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    fn new(place: &Place, columns: u16, arguments: &[&str]) -> Self {
        let size = PtySize {
            rows: 24,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program());
        command.args(arguments);
        command.cwd(place.folder.path());
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        command.env_remove("COLUMNS");
        for (name, value) in place.variables() {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(Vec::new()));
        let mut output = pair.master.try_clone_reader().unwrap();
        let written = Arc::clone(&screen);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                written.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        Self {
            child,
            keyboard: pair.master.take_writer().unwrap(),
            master: pair.master,
            screen,
            reader,
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    /// Waits until this is on the screen.
    fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.text().contains(text) {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "no {text:?}: {}",
                self.text()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// The exit code and everything that was on the screen.
    fn end(mut self) -> (u32, String) {
        let code = self.child.wait().unwrap().exit_code();
        drop((self.keyboard, self.master));
        self.reader.join().unwrap();
        let screen = self.screen.lock().unwrap();
        (code, String::from_utf8_lossy(&screen).into_owned())
    }
}

/// The text without what colours it.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| c.is_ascii_alphabetic())
            .map_or(part.len(), |at| at + 1);
        plain.push_str(&part[end..]);
    }
    plain
}

#[test]
fn tables_are_coloured_and_fit() {
    let place = Place::local();
    days(&place);
    let long = "x ".repeat(200);
    let row = serde_json::json!({ "note": long }).to_string();
    place.ok(["put", &place.url, "days", "Oslo", "9", "--data", &row]);
    for columns in [40, 80, 200] {
        let terminal = Terminal::new(&place, columns, &["rows", &place.url, "days"]);
        let (code, screen) = terminal.end();
        assert_eq!(code, 0, "{screen}");
        assert!(screen.contains("\u{1b}[1m"), "{screen:?}");
        let widest = plain(&screen)
            .lines()
            .map(|line| line.trim_end().chars().count())
            .max();
        assert!(
            widest <= Some(usize::from(columns)),
            "{widest:?} of {columns}\n{screen}"
        );
    }
    let terminal = Terminal::new(
        &place,
        80,
        &["rows", &place.url, "days", "--color", "never"],
    );
    let (_, screen) = terminal.end();
    assert!(!screen.contains("\u{1b}[1m"), "{screen:?}");
    // JSON of one row is laid out, and what would steer the terminal is escaped.
    place.ok([
        "put",
        &place.url,
        "notes",
        "1",
        "--columns",
        "k",
        "--body",
        "text",
        "--data",
        "\u{1b}[31mred",
    ]);
    let (_, screen) = Terminal::new(&place, 80, &["get", &place.url, "notes", "1"]).end();
    assert_eq!(screen.trim(), "\\u{1b}[31mred");
    let (_, screen) = Terminal::new(&place, 80, &["get", &place.url, "days", "Oslo", "1"]).end();
    assert!(screen.contains("  \"rain\": 1.5,"), "{screen}");
}

#[test]
fn a_price_over_the_budget_is_asked_for() {
    let server = Server::start();
    let place = Place::s3(&server);
    server.seed("shop", (0..500).map(|id| (format!("many/{id:06}"), "{}")));
    let rows = [
        "rows",
        "s3://shop",
        "many",
        "--limit",
        "500",
        "--budget",
        "0.0001",
    ];
    for (answer, code, shown) in [("n\r", 5, false), ("\r", 5, false), ("y\r", 0, true)] {
        let mut terminal = Terminal::new(&place, 80, &rows);
        terminal.wait_for("go on? [y/N]");
        terminal.press(answer);
        let (ended, screen) = terminal.end();
        assert_eq!(ended, code, "{screen}");
        assert!(
            screen.contains("reading 500 rows costs about $0.00020"),
            "{screen}"
        );
        assert_eq!(screen.contains("000499"), shown, "{screen}");
    }
    // Ctrl-C is an answer too.
    let mut terminal = Terminal::new(&place, 80, &rows);
    terminal.wait_for("go on? [y/N]");
    terminal.press("\u{3}");
    let (ended, screen) = terminal.end();
    assert_eq!(ended, 130, "{screen}");
}

/// Ctrl-C in an import: what is under way is finished and kept, and the same command goes on.
#[test]
fn an_interrupted_import_goes_on() {
    let server = Server::start_with(Options {
        latency: Duration::from_millis(20),
        ..Options::default()
    });
    let place = Place::s3(&server);
    let lines: String = (0..3000).map(|id| format!("{{\"id\":{id}}}\n")).collect();
    place.file("many.ndjson", lines);
    let import = [
        "import",
        "s3://shop",
        "many",
        "many.ndjson",
        "--columns",
        "id: u64",
        "--yes",
    ];
    let mut terminal = Terminal::new(&place, 80, &import);
    // The bar moves.
    terminal.wait_for("/3,000");
    while server.object_count("shop") < 200 {
        thread::sleep(Duration::from_millis(5));
    }
    terminal.press("\u{3}");
    let (code, screen) = terminal.end();
    assert_eq!(code, 130, "{screen}");
    assert!(
        screen.contains("stopping") && screen.contains("goes on"),
        "{screen}"
    );
    let written = server
        .keys("shop")
        .iter()
        .filter(|key| key.starts_with("many/"))
        .count();
    assert!((200..3000).contains(&written), "{written}");
    // Every row that was written is known to be.
    let outcomes = place.read("many.ndjson.outcomes");
    let known = outcomes
        .lines()
        .filter(|line| line.contains("\"written\""))
        .count();
    assert_eq!(known, written, "{outcomes}");
    let ran = place.run(import.iter().chain(&["--json"]));
    let counts: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        counts["done_before"].as_u64(),
        Some(written as u64),
        "{counts}"
    );
    assert_eq!(
        counts["written"].as_u64(),
        Some(3000 - written as u64),
        "{counts}"
    );
}

/// Ctrl-C elsewhere ends the command at once.
#[test]
fn an_interrupted_listing_ends() {
    let server = Server::start_with(Options {
        latency: Duration::from_secs(30),
        ..Options::default()
    });
    let place = Place::s3(&server);
    let mut terminal = Terminal::new(&place, 80, &["count", "s3://shop", "many"]);
    while server.requests() == 0 {
        thread::sleep(Duration::from_millis(5));
    }
    terminal.press("\u{3}");
    let (code, screen) = terminal.end();
    assert_eq!(code, 130, "{screen}");
}
