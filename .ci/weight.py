"""What 100 derived structs of 10 columns cost `cargo check`, against serde's two derives and toasty's on the same structs.

    python3 .ci/weight.py [ROUNDS]

The crates are checked in turns, so that what the machine does besides slows all alike. The ratios are medians of the
rounds, of CPU time and of the largest process's memory.
"""

import os
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STRUCTS = 100
KEYS = 4
TYPES = ["u64", "u16", "u8", "String", "f64", "u32", "String", "bool", "Option<String>", "i64"]


def structs(derive, key):
    fields = "".join(
        f"    {key if column < KEYS else ''}pub c{column}: {name},\n" for column, name in enumerate(TYPES)
    )
    return "".join(f"#[derive({derive})]\npub struct Row{i} {{\n{fields}}}\n" for i in range(STRUCTS))


SIDES = {
    "s3aads": (f's3aads = {{ path = "{ROOT}/s3aads" }}', structs("s3aads::S3Table", "#[s3(key)] ")),
    "serde": ('serde = { version = "1", features = ["derive"] }', structs("serde::Serialize, serde::Deserialize", "")),
    "toasty": ('toasty = "0.11"', structs("toasty::Model", "#[key] ")),
}


def check(folder, target):
    """CPU seconds and MiB of one `cargo check` of the crate alone."""
    os.utime(f"{folder}/src/lib.rs")
    environment = {**os.environ, "CARGO_INCREMENTAL": "0", "CARGO_TARGET_DIR": target}
    cargo = subprocess.Popen(["cargo", "check", "--quiet"], cwd=folder, env=environment)
    _, status, usage = os.wait4(cargo.pid, 0)
    cargo.returncode = os.waitstatus_to_exitcode(status)
    if cargo.returncode:
        sys.exit(f"{folder} does not compile")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ratio(seen, i, other):
    """The median of ours by theirs, each round by itself."""
    return statistics.median(ours[i] / theirs[i] for ours, theirs in zip(seen["s3aads"], seen[other]))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as temporary:
        for name, (dependency, source) in SIDES.items():
            os.makedirs(f"{temporary}/{name}/src")
            with open(f"{temporary}/{name}/Cargo.toml", "w") as file:
                file.write(
                    f'[package]\nname = "weight_{name}"\nedition = "2024"\n'
                    f"[workspace]\n[dependencies]\n{dependency}\n"
                )
            with open(f"{temporary}/{name}/src/lib.rs", "w") as file:
                file.write(source)
            check(f"{temporary}/{name}", f"{temporary}/target")
        seen = {name: [] for name in SIDES}
        for _ in range(rounds):
            for name in SIDES:
                seen[name].append(check(f"{temporary}/{name}", f"{temporary}/target"))
    for i, what in enumerate(["CPU seconds", "MiB of memory"]):
        medians = " | ".join(f"{statistics.median(run[i] for run in runs):.2f}" for runs in seen.values())
        ratios = " | ".join(f"{ratio(seen, i, other):.2f}" for other in ["serde", "toasty"])
        print(f"| {what} | {ratios} | {medians} |")


if __name__ == "__main__":
    main()
