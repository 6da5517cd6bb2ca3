"""Asks rust-analyzer what an editor asks: completion after `db.table::<Day>().`, and where a generated method is defined.

    python3 .ci/analyzer.py    # rust-analyzer on the PATH, or in RUST_ANALYZER

It is driven over its protocol on a small crate of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = """use s3aads::{Database, S3Table};

#[derive(S3Table)]
pub struct Day {
    #[s3(key)]
    pub id: u64,
    #[s3(key)]
    pub year: u16,
    pub rain: f64,
}

pub fn complete(db: &Database) {
    db.table::<Day>().
}

pub fn define(days: &DayTable) {
    let _ = days.filter_by_year(2020);
}
"""
# A server that has not read everything yet answers with too little.
PATIENCE = 300


class Server:
    def __init__(self, folder):
        command = [os.environ.get("RUST_ANALYZER", "rust-analyzer")]
        self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.last = 0

    def send(self, message):
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(text) + text)
        self.process.stdin.flush()

    def read(self):
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def ask(self, method, params):
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        while True:
            message = self.read()
            if "method" in message and "id" in message:
                # Whatever the server asks of an editor, this one has no opinion.
                wanted = message.get("params") or {}
                self.send({"id": message["id"], "result": [None] * len(wanted.get("items", []))})
            elif message.get("id") == self.last:
                return message.get("result")


def place(needle, after):
    """The line and column behind `needle`, or at it."""
    index = SOURCE.index(needle) + (len(needle) if after else 0)
    before = SOURCE[:index]
    return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}


def until(ask, is_right):
    end = time.monotonic() + PATIENCE
    while not is_right(answer := ask()):
        if time.monotonic() > end:
            sys.exit(f"rust-analyzer says {answer}")
        time.sleep(2)
    return answer


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(f"{folder}/src")
        path = f"{folder}/src/lib.rs"
        with open(f"{folder}/Cargo.toml", "w") as file:
            file.write(
                '[package]\nname = "analyzed"\nedition = "2024"\n[workspace]\n'
                f'[dependencies]\ns3aads = {{ path = "{ROOT}/s3aads" }}\n'
            )
        with open(path, "w") as file:
            file.write(SOURCE)
        server = Server(folder)
        try:
            check(server, folder, f"file://{path}")
        finally:
            server.process.kill()
            server.process.wait()


def check(server, folder, uri):
    options = {"checkOnSave": False}
    if target := os.environ.get("CARGO_TARGET_DIR"):
        options["cargo"] = {"targetDir": target}
    workspace = {"processId": os.getpid(), "rootUri": f"file://{folder}", "capabilities": {}}
    server.ask("initialize", {**workspace, "initializationOptions": options})
    server.send({"method": "initialized", "params": {}})
    document = {"uri": uri, "languageId": "rust", "version": 1, "text": SOURCE}
    server.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
    document = {"textDocument": {"uri": uri}}

    def completions():
        position = place("db.table::<Day>().", after=True)
        answer = server.ask("textDocument/completion", {**document, "position": position}) or {}
        items = answer.get("items", []) if isinstance(answer, dict) else answer
        return {item.get("filterText") or item["label"].split("(")[0] for item in items}

    def definition():
        position = place("filter_by_year", after=False)
        answer = server.ask("textDocument/definition", {**document, "position": position}) or []
        return [(found["uri"], found["range"]["start"]["line"]) for found in answer]

    wanted = {"filter_by_id", "filter_by_year", "ids", "years", "insert", "select", "rows"}
    offered = until(completions, lambda offered: wanted <= offered)
    print(f"completion offers {len(offered)} names, among them {', '.join(sorted(wanted))}")
    field = SOURCE[: SOURCE.index("pub year")].count("\n")
    until(definition, lambda places: (uri, field) in places)
    print("the definition of `filter_by_year` is the field `year`")


if __name__ == "__main__":
    main()
