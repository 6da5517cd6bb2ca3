"""Draws a session with the command line, from what it really prints in a terminal of 88 columns.

    python3 .ci/session.py           compares docs/session.svg with what the program prints now
    python3 .ci/session.py --write   writes it anew

The program is target/debug/s3aads, or what S3AADS_PROGRAM names.
"""

import fcntl
import html
import os
import pathlib
import pty
import re
import struct
import sys
import tempfile
import termios

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/session.svg"
COLUMNS = 88

CSV = """city,year,month,rain,wet
Bern,2019,12,61.5,true
Oslo,2020,6,54,true
Oslo,2020,7,30.5,false
Oslo,2020,12,48,true
Oslo,2021,1,12.25,false
Rome,2020,8,2.5,false
"""

SESSION = [
    'import file:db weather days.csv --columns "city, year: u16, month: u8 width 2"',
    "rows file:db weather city=Oslo month=6..=8",
    "explain file:db weather city=Oslo year=2020",
    "delete file:db weather year=..2020",
]

# The colours of a terminal, readable on the dark ground.
COLORS = {"31": "#ff7b72", "33": "#e3b341", "36": "#79c0ff"}
GROUND, INK, PROMPT = "#0d1117", "#e6edf3", "#7ee787"
FONT, LINE, WIDTH = 13, 18, 7.83


def run(program: str, arguments: str, folder: str) -> str:
    """What a command prints in a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        size = struct.pack("HHHH", 40, COLUMNS, 0, 0)
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        os.execve("/bin/sh", ["sh", "-c", f'exec "{program}" {arguments}'], keep | {"TERM": "xterm-256color"})
    output = b""
    while True:
        try:
            read = os.read(terminal, 65536)
        except OSError:
            break
        if not read:
            break
        output += read
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    text = output.decode()
    if status != 0:
        sys.exit(f"s3aads {arguments} failed: {text}")
    return text


def lines(text: str) -> list[str]:
    """The lines that stay on the screen: what a bar drew and took away is not among them."""
    kept = []
    for line in text.replace("\r\n", "\n").split("\n"):
        line = re.sub(r".*\x1b\[2K", "", line.split("\r")[-1])
        kept.append(re.sub(r"\x1b\[(?![0-9;]*m)[0-9;?]*[A-Za-z]", "", line))
    while kept and not re.sub(r"\x1b\[[0-9;]*m", "", kept[-1]).strip():
        kept.pop()
    return kept


def spans(line: str) -> list[tuple[str, str, bool]]:
    """The parts of a line: text, colour, whether it is bold."""
    parts, color, bold = [], INK, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not code:
            if part:
                parts.append((part, color, bold))
            continue
        for number in code[1].split(";"):
            if number in ("", "0"):
                color, bold = INK, False
            elif number == "1":
                bold = True
            elif number == "22":
                bold = False
            elif number == "39":
                color = INK
            else:
                color = COLORS.get(number, color)
    return parts


def draw(screen: list[list[tuple[str, str, bool]]]) -> str:
    width, height = round(COLUMNS * WIDTH) + 32, len(screen) * LINE + 32
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        'aria-label="A session with the command line">',
        f"<style>text {{ font: {FONT}px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; "
        f"white-space: pre; fill: {INK} }} .b {{ font-weight: 700 }}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="{GROUND}"/>',
    ]
    for number, parts in enumerate(screen):
        column, y = 0, 28 + number * LINE
        for text, color, bold in parts:
            if text.strip():
                fill = "" if color == INK else f' fill="{color}" style="fill: {color}"'
                weight = ' class="b"' if bold else ""
                svg.append(
                    f'<text x="{16 + column * WIDTH:.1f}" y="{y}" textLength="{len(text) * WIDTH:.1f}"'
                    f' xml:space="preserve"{weight}{fill}>{html.escape(text)}</text>'
                )
            column += len(text)
    return "\n".join(svg + ["</svg>", ""])


def main() -> None:
    program = os.environ.get("S3AADS_PROGRAM", str(ROOT / "target/debug/s3aads"))
    if not os.access(program, os.X_OK):
        sys.exit(f"{program} is not there: cargo build -p s3aads --features cli")
    screen = []
    with tempfile.TemporaryDirectory() as folder:
        run(program, "create file:db", folder)
        pathlib.Path(folder, "days.csv").write_text(CSV)
        for arguments in SESSION:
            if screen:
                screen.append([])
            screen.append([("$ ", PROMPT, True), (f"s3aads {arguments}", INK, False)])
            screen += [spans(line) for line in lines(run(program, arguments, folder))]
    picture = draw(screen)
    if "--write" in sys.argv[1:]:
        PICTURE.write_text(picture)
    elif not PICTURE.exists() or PICTURE.read_text() != picture:
        sys.exit("docs/session.svg is another; write it anew by `python3 .ci/session.py --write`")


main()
