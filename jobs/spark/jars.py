"""Jars: what local Spark lacks (Delta, S3A, PostgreSQL) -> files on disk, fetched once and kept."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jobs.errors import ConfigError, RetryableError

SIZE = "27 MB"
DRIVER, DRIVES = "org.postgresql:postgresql:42.7.7", "jdbc:postgresql:"

_AWS_SDK = "2.29.52"
_AWS_MODULES = ("s3", "s3-transfer-manager", "sts", "apache-client", "netty-nio-client", "sso", "ssooidc")
_BY_SPARK = {"4.1": ("io.delta:delta-spark_4.1_2.13:4.4.0", "org.apache.hadoop:hadoop-aws:3.4.2")}
_EVERYWHERE = tuple(f"software.amazon.awssdk:{m}:{_AWS_SDK}" for m in _AWS_MODULES)
# The bundle is 640 MB and holds every AWS service; the modules above are what S3A calls.
_NEVER = ("software.amazon.awssdk:bundle",)
_MIRRORS = ("spark.jars.ivySettings", "spark.jars.repositories", "spark.jars.ivy")
_ARTIFACT = re.compile(r"(.+?)-\d[^/]*\.jar")

# Spark's own resolver, used through its public settings: what it resolved is in `spark.jars`.
_RESOLVE = """
import json, sys
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local[1]")
for key, value in json.loads(sys.argv[1]).items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
print("JARS " + spark.sparkContext.getConf().get("spark.jars", ""))
spark.stop()
"""


def class_path(settings: Mapping[str, str] | None = None, postgres: bool = False) -> list[Path]:
    """The jars to put before Spark's own on the driver's class path, fetched on first use.

    `postgres`: PostgreSQL's JDBC driver as well.

    They are resolved once by Spark's resolver and kept in the user's cache; afterwards nothing is asked of
    the network again. `TIEOUT_JARS` names a folder to take them from instead; `settings` may hold Spark's
    `spark.jars.ivySettings` or `spark.jars.repositories` where a mirror has to be used.

    Raises:
        ConfigError: pyspark is missing or of a version that no jars are known for.
        RetryableError: the download failed.
    """
    if given := os.environ.get("TIEOUT_JARS"):
        return _jars_in(Path(given), "delta-spark", *(["postgresql"] if postgres else []))
    mirrors = {key: value for key, value in (settings or {}).items() if key in _MIRRORS}
    jars = _kept(coordinates(), f"Spark's Delta and S3 jars, once: {SIZE}", "delta-spark", mirrors)
    if postgres:
        jars += _kept([DRIVER], "PostgreSQL's JDBC driver, once: 1 MB", "postgresql", mirrors)
    return jars


def coordinates() -> list[str]:
    """The Maven coordinates that go with the installed pyspark."""
    version = _pyspark_version()
    if (known := _BY_SPARK.get(".".join(version.split(".")[:2]))) is None:
        raise ConfigError(
            f"pyspark {version} is installed, and Tieout runs locally with {' or '.join(_BY_SPARK)}; "
            "install tieout[local]."
        )
    return [*known, *_EVERYWHERE]


def excluded() -> list[str]:
    """What is not fetched: whatever pyspark ships in its own version, by artifact, and the AWS bundle.

    A second version of a library in front of Spark's own breaks Spark in ways that name neither.
    """
    shipped = {match[1] for jar in _spark_home().glob("jars/*.jar") if (match := _ARTIFACT.match(jar.name))}
    return [*_NEVER, *(f"*:{artifact}" for artifact in sorted(shipped))]


def _kept(wanted: list[str], what: str, main: str, mirrors: Mapping[str, str]) -> list[Path]:
    """The jars of some coordinates, from the cache or into it; `main` must be among them."""
    folder = cache() / _digest(wanted)
    if not folder.is_dir():
        _fetch(folder, wanted, what, mirrors)
    return _jars_in(folder, main)


def _fetch(folder: Path, wanted: list[str], what: str, mirrors: Mapping[str, str]) -> None:
    sys.stderr.write(f"Fetching {what}, kept in {folder}\n")
    fetched = _resolved(wanted, mirrors)
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
    try:
        for jar in fetched:
            shutil.copy2(jar, staged / jar.name)
        # Complete or absent: a folder that exists is never looked into again.
        staged.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _resolved(wanted: list[str], mirrors: Mapping[str, str]) -> list[Path]:
    settings = {
        "spark.jars.packages": ",".join(wanted),
        "spark.jars.excludes": ",".join(excluded()),
        "spark.ui.enabled": "false",
        **mirrors,
    }
    command = [sys.executable, "-c", _RESOLVE, json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    listed = [line[5:] for line in done.stdout.splitlines() if line.startswith("JARS ")]
    if done.returncode or not listed:
        errors = [
            line.strip() for line in done.stderr.splitlines() if re.search("unresolved|not found|rror", line)
        ]
        raise RetryableError(
            f"Spark's jars could not be fetched ({errors[0] if errors else 'no answer'}); check the network, "
            "or name a mirror in spark.jars.ivySettings or a folder of jars in TIEOUT_JARS."
        )
    return [Path(jar.removeprefix("file://")) for jar in listed[0].split(",") if jar]


def _jars_in(folder: Path, *needed: str) -> list[Path]:
    jars = sorted(folder.glob("*.jar"))
    for name in needed:
        if not any(name in jar.name for jar in jars):
            raise ConfigError(
                f"{folder} holds no {name} jar; remove the folder, or name another in TIEOUT_JARS."
            )
    return jars


def _digest(wanted: list[str]) -> str:
    text = "\n".join([_pyspark_version(), *wanted, *_NEVER])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def cache() -> Path:
    """The user's folder of what is fetched or made once."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "tieout" / "jars"


def _pyspark_version() -> str:
    try:
        import pyspark
    except ImportError:
        raise ConfigError(
            "pyspark is not installed; install tieout[local], or run with spark-submit."
        ) from None
    return str(pyspark.__version__)


def _spark_home() -> Path:
    import pyspark

    home = os.environ.get("SPARK_HOME")
    return Path(home) if home else Path(pyspark.__file__).parent
