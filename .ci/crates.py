"""What a dependency on this library costs a clean build, beside toasty and the AWS SDK.

    python3 .ci/crates.py [ROUNDS]    the table: crates, and the seconds and CPU seconds of a clean build
    python3 .ci/crates.py --brings    what each direct dependency of the default build brings, and what only it brings

A crate that does nothing but depend on the library is built from nothing in the development profile, each library in
turns; the figures are medians. Sources are fetched before the clock runs.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OURS = f'path = "{ROOT}/s3aads"'
SIDES = {
    "s3aads": f"s3aads = {{ {OURS} }}",
    "object_store with `aws`": 'object_store = { version = "0.14", features = ["aws"] }',
    "toasty with `sqlite`": 'toasty = { version = "0.11", features = ["sqlite"] }',
    "toasty with `dynamodb`": 'toasty = { version = "0.11", features = ["dynamodb"] }',
    "aws-sdk-s3, aws-config": 'aws-sdk-s3 = "1"\naws-config = "1"',
}


def crate(folder, dependency):
    os.makedirs(f"{folder}/src")
    with open(f"{folder}/Cargo.toml", "w") as file:
        file.write(
            f'[package]\nname = "crates"\nversion = "0.0.0"\nedition = "2024"\n'
            f"[workspace]\n[dependencies]\n{dependency}\n"
        )
    open(f"{folder}/src/lib.rs", "w").close()
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=folder, check=True)


def packages(folder, *args):
    """The crates that are built, for this machine and at build time, less the one that depends on them."""
    command = ["cargo", "tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}", *args]
    tree = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    found = {" ".join(line.split()[:2]) for line in tree.splitlines() if line and not line.startswith("[")}
    return found - {"crates v0.0.0"}


def build(folder):
    """Seconds and CPU seconds of a clean build."""
    with tempfile.TemporaryDirectory() as target:
        environment = {**os.environ, "CARGO_TARGET_DIR": target, "CARGO_INCREMENTAL": "0"}
        start = time.monotonic()
        cargo = subprocess.Popen(["cargo", "build", "--quiet", "--offline"], cwd=folder, env=environment)
        _, status, usage = os.wait4(cargo.pid, 0)
        cargo.returncode = os.waitstatus_to_exitcode(status)
        if cargo.returncode:
            sys.exit(f"{folder} does not build")
        return time.monotonic() - start, usage.ru_utime + usage.ru_stime


def table(rounds):
    with tempfile.TemporaryDirectory() as temporary:
        folders = {name: f"{temporary}/{number}" for number, name in enumerate(SIDES)}
        for name, dependency in SIDES.items():
            crate(folders[name], dependency)
        seen = {name: [] for name in SIDES}
        for _ in range(rounds):
            for name, folder in folders.items():
                seen[name].append(build(folder))
        for name, runs in seen.items():
            wall, cpu = (statistics.median(run[i] for run in runs) for i in (0, 1))
            print(f"| {name} | {len(packages(folders[name]))} | {wall:.0f} | {cpu:.0f} |", flush=True)


def brings():
    with tempfile.TemporaryDirectory() as temporary:
        folder = f"{temporary}/all"
        crate(folder, SIDES["s3aads"])
        total = packages(folder)
        names = sorted(direct(folder) - {"s3aads"})
        below = {name: packages(folder, "--package", name) for name in names}
        for name in names:
            others = set().union(*(below[other] for other in names if other != name))
            alone = below[name] - others
            print(f"| `{name}` | {len(below[name])} | {len(alone)} |")
        print(f"{len(total)} crates in all")


def direct(folder):
    command = ["cargo", "tree", "--edges", "normal", "--prefix", "none", "--depth", "1", "--package", "s3aads"]
    tree = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in tree.splitlines() if line}


if __name__ == "__main__":
    if sys.argv[1:] == ["--brings"]:
        brings()
    else:
        table(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
