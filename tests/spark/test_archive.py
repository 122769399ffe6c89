"""The archive of classes: made once, used when complete; absent or broken it is no failure."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from jobs.spark.archive import SWITCH, archive_options

_COMPLETE = bytes.fromhex("a8ab0bf0")


@pytest.fixture(autouse=True)
def _switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    jar = tmp_path / "delta.jar"
    jar.write_bytes(b"jar")
    return jar


def options(tmp_path: Path, jar: Path, java: str = "17.0.1", own: str = "") -> list[str]:
    return archive_options(tmp_path / "archives", java, [jar], own)


def named(given: list[str]) -> tuple[str, Path]:
    """The option that names the archive, and the archive."""
    name, _, path = given[0].partition("=")
    return name, Path(path)


def test_the_first_makes_it_those_at_the_same_time_do_without_and_later_ones_use_it(
    tmp_path: Path, jar: Path
) -> None:
    way, archive = named(options(tmp_path, jar))
    assert way == "-XX:ArchiveClassesAtExit"
    assert options(tmp_path, jar) == []
    # While Java writes, the head is still empty.
    archive.write_bytes(bytes(100))
    assert options(tmp_path, jar) == []

    archive.write_bytes(_COMPLETE + bytes(100))
    assert named(options(tmp_path, jar)) == ("-XX:SharedArchiveFile", archive)
    assert "-Xshare:auto" in options(tmp_path, jar)


def test_another_java_or_another_jar_has_an_archive_of_its_own(tmp_path: Path, jar: Path) -> None:
    _, one = named(options(tmp_path, jar))
    _, two = named(options(tmp_path, jar, "17.0.2"))
    jar.write_bytes(b"another")
    _, three = named(options(tmp_path, jar))

    assert len({one, two, three}) == 3


def test_one_that_was_never_finished_is_made_anew(tmp_path: Path, jar: Path) -> None:
    _, archive = named(options(tmp_path, jar))
    long_ago = time.time() - 7200
    os.utime(archive, (long_ago, long_ago))

    assert named(options(tmp_path, jar)) == ("-XX:ArchiveClassesAtExit", archive)
    assert options(tmp_path, jar) == []


def test_it_is_off_on_request_and_where_the_user_names_one(
    tmp_path: Path, jar: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert options(tmp_path, jar, own="-XX:SharedArchiveFile=/mine.jsa") == []
    assert options(tmp_path, jar, own="-Xshare:off") == []
    monkeypatch.setenv(SWITCH, "off")
    assert options(tmp_path, jar) == []


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path, jar: Path) -> None:
    (tmp_path / "archives").write_text("no folder")

    assert options(tmp_path, jar) == []
    assert archive_options(tmp_path, "17", [tmp_path / "gone.jar"], "") == []


@pytest.mark.parametrize("content", [b"", b"no archive at all", _COMPLETE + bytes(5000)])
def test_java_starts_without_a_word_from_an_archive_that_is_broken(
    tmp_path: Path, jar: Path, content: bytes
) -> None:
    _, archive = named(options(tmp_path, jar))
    archive.write_bytes(_COMPLETE)
    given = options(tmp_path, jar)
    archive.write_bytes(content)

    done = subprocess.run(["java", *given, "-version"], capture_output=True, text=True, check=True)

    assert done.stdout == ""
    assert "version" in done.stderr and "archive" not in done.stderr
