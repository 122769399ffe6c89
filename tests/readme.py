"""The fenced blocks of the docs -> commands played in a folder, Tieout's own in this process."""

import contextlib
import io
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobs import cli

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = ROOT / "docs"
PAGES = (README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))

_FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TIEOUT = re.compile(r"(?<![\w/.-])tieout [^|&;#`\n]+")
_RUN_ID = re.compile(r"\b[0-9a-f]{16}\b")
_AGE = re.compile(r"\b\d+ (?:d|h|min|s)(?: \d+ (?:h|min|s))?(?= ago\b)")


@dataclass(frozen=True)
class Block:
    """A fenced block: what stands behind the fence, and its text."""

    info: str
    text: str


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    return [Block(*found) for found in _FENCED.findall(page.read_text(encoding="utf-8"))]


def tieout_lines(page: Path) -> Iterator[list[str]]:
    """The arguments of every call of `tieout` in a page's shell blocks."""
    for block in blocks(page):
        if block.info.split()[:1] == ["sh"]:
            yield from (shlex.split(call)[1:] for call in _TIEOUT.findall(block.text))


def name_of(page: Path) -> str:
    """A page as the repository has it: `docs/stages/state.md`."""
    return page.relative_to(ROOT).as_posix()


def printed(page: Path) -> list[str]:
    """Play the blocks of a page that are to be run, in the working directory; what each of them prints."""
    played_by = {"sh run": played, "python run": _executed}
    return [played_by[block.info](block.text) for block in blocks(page) if block.info in played_by]


def played(script: str) -> str:
    """Play a script in the working directory; return what its calls of `tieout` print on stdout.

    Those run in this process and its Spark session; everything else goes to the shell, heredocs included.
    """
    said, shell = [], list[str]()
    for line in [*script.splitlines(), "tieout"]:
        if line.split()[:1] != ["tieout"]:
            shell.append(line)
            continue
        subprocess.run(["bash", "-eu"], input="\n".join(shell), text=True, check=True)
        shell.clear()
        if line != "tieout":
            said.append(_called(shlex.split(line)[1:]))
    return "".join(said)


def without_ids(text: str) -> str:
    """A text as the page may show it: run ids and ages as `…`, no blanks at the ends of lines."""
    text = _AGE.sub("…", _RUN_ID.sub("…", text))
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _executed(code: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "the page's python", "exec"), {})
    return out.getvalue()


def _called(arguments: list[str]) -> str:
    out, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
        try:
            cli.main(arguments)
        except SystemExit as end:
            assert end.code == 0, f"tieout {shlex.join(arguments)} ended with {end.code}: {told.getvalue()}"
    return out.getvalue()
