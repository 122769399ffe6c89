"""Schedules of the documentation: run as they are written, they end with the code that they promise."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def cron_line(page: str) -> str:
    """The command of the page's cron line, without the five fields that say when."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (line,) = re.findall(r"^```sh\n# cron: .*\n((?:\S+ ){5} .*)\n```$", text, re.MULTILINE)
    return re.split(r" +", line, maxsplit=5)[5]


def ended(line: str, folder: Path, codes: str, shell: str) -> tuple[int, list[str]]:
    """Run the line with a `tieout` that ends with one code after the other; its own code, and the calls."""
    programs = folder / "bin"
    programs.mkdir()
    (folder / "codes").write_text("".join(f"{code}\n" for code in codes.split()))
    fakes = {
        "tieout": 'echo "$@" >> calls; code=$(head -n 1 codes); sed -i 1d codes; exit $code',
        "sleep": 'echo "sleep $@" >> calls',
    }
    for name, script in fakes.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    path = f"{programs}:/usr/bin:/bin"
    done = subprocess.run([shell, "-c", line], cwd=folder, env={"PATH": path}, check=False)
    return done.returncode, [call.split(" -")[0] for call in (folder / "calls").read_text().splitlines()]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(
    ("codes", "code", "again"),
    [
        ("0", 0, False), ("1", 1, False), ("2", 2, False), ("3", 3, False), ("130", 130, False),
        ("4 0", 0, True), ("4 3", 3, True), ("4 4", 4, True), ("4 1", 1, True),
    ],
)  # fmt: skip
def test_a_run_is_repeated_after_4_alone_and_the_last_code_given_back(
    tmp_path: Path, codes: str, code: int, again: bool, shell: str
) -> None:
    calls = ["run", "sleep 300", "run"] if again else ["run"]
    assert ended(cron_line("operations.md"), tmp_path, codes, shell) == (code, calls)


@pytest.mark.parametrize(
    ("codes", "code", "calls"),
    [
        ("0 0", 0, ["publish orders", "apply orders"]),
        ("0 3", 3, ["publish orders", "apply orders"]),
        ("0 4", 4, ["publish orders", "apply orders"]),
        ("3", 3, ["publish orders"]),
        ("4", 4, ["publish orders"]),
    ],
)
def test_repairs_end_with_the_first_code_that_is_not_0(
    tmp_path: Path, codes: str, code: int, calls: list[str]
) -> None:
    assert ended(cron_line("compensations.md"), tmp_path, codes, "sh") == (code, calls)
