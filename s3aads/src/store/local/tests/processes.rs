//! Several processes on one database.

use std::process::Command;

use super::*;

/// The folder of the database that a child counts in.
const FOLDER: &str = "S3AADS_COUNT_FOLDER";
const PROCESSES: usize = 4;
const ROUNDS: usize = 50;

#[tokio::test]
#[ignore = "the child process of the test below"]
async fn child() {
    let folder = std::env::var_os(FOLDER).expect("a folder");
    let meter = Meter::default();
    for _ in 0..ROUNDS {
        // Opened anew each time, which cleans: the others' staged files must stay.
        let backend = open(Path::new(&folder));
        loop {
            let read = backend.get("t/counter", &meter).await.expect("the counter");
            let text = std::str::from_utf8(&read.body).expect("text");
            let next = text.parse::<usize>().expect("a number") + 1;
            let request = PutRequest {
                condition: unchanged(read.entry.version.e_tag().expect("an ETag")),
                ..PutRequest::default()
            };
            match backend
                .put("t/counter", next.to_string().into(), request, &meter)
                .await
            {
                Ok(_) => break,
                Err(error) if error.reason() == Reason::Changed => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test]
async fn updates_of_several_processes_lose_nothing() {
    let db = Database::new();
    db.set("t/counter", "0").await;
    let name = format!(
        "{}::child",
        module_path!().split_once("::").map_or("", |(_, path)| path)
    );
    let start = || {
        Command::new(std::env::current_exe().expect("this program"))
            .args([&name, "--exact", "--ignored"])
            .env(FOLDER, db.folder.path())
            .spawn()
            .expect("a child")
    };
    let children: Vec<_> = (0..PROCESSES).map(|_| start()).collect();
    for mut child in children {
        assert!(child.wait().expect("an end").success());
    }
    assert_eq!(
        db.text("t/counter").await,
        Some((PROCESSES * ROUNDS).to_string())
    );
}
