"""Fixtures: one Spark session and one S3 server for all tests, a lake and a bucket of its own for each."""

import contextlib
import gc
import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from jobs.settings import Connection
from jobs.spark.archive import SWITCH
from jobs.spark.lean import SETTINGS
from jobs.spark.session import session
from tests.postgres.server import REQUIRED, Database, Server, served
from tests.readme import README, printed

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_REGION: Final = "eu-central-1"
_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
# The JVM keeps the environment it was started with, so the keys have to be there before the session is.
_KEPT: Final = ("TIEOUT_JARS", "TIEOUT_GOLDEN", REQUIRED, SWITCH)
for _name in [name for name in os.environ if name.startswith(("AWS_", "TIEOUT_"))]:
    if _name not in _KEPT:
        del os.environ[_name]
# Nothing is left behind in the developer's cache.
os.environ.update({**_KEYS, SWITCH: "off"})


@dataclass(frozen=True)
class FakeAws:
    """The `aws:` settings as session and objects see them."""

    endpoint_url: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class FakeProject:
    """The part of a project that a session needs."""

    spark: dict[str, str] = field(default_factory=dict)
    aws: FakeAws | None = None
    connections: dict[str, Connection] = field(default_factory=dict)


@dataclass(frozen=True)
class S3:
    """A running S3 server."""

    url: str
    bucket: Callable[[str], str]

    @property
    def aws(self) -> FakeAws:
        """The settings that lead to this server."""
        return FakeAws(self.url, _REGION)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the developer's profile, endpoint or clock, nor what another test has set."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "TIEOUT_")) and name not in _KEYS]:
        if name not in _KEPT:
            monkeypatch.delenv(name)
    for name, value in {**_KEYS, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))


@pytest.fixture(autouse=True, scope="module")
def _let_go() -> Iterator[None]:
    """Let go, after each module, of the tables that it made: the session would keep all their snapshots."""
    yield
    forget_tables()


def forget_tables() -> None:
    """Clear what Spark keeps of Delta tables; a few megabytes each, for an hour after they were read."""
    gc.collect()  # frames that only cycles of Python objects hold, and with them their plans in the JVM
    if "pyspark.sql" in sys.modules:
        active = sys.modules["pyspark.sql"].SparkSession.getActiveSession()
        if active is not None:
            active._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server on a free port."""
    from jobs.demo.server import s3_server

    with s3_server() as address:
        yield address


@pytest.fixture(scope="session")
def spark(s3_server: str) -> Iterator["SparkSession"]:
    """The one session: two cores, two shuffle partitions, S3A on the test server."""
    # A session of thousands of tests keeps many plans: with less, Spark would spend its time on clearing up.
    two = {
        "spark.master": "local[2]",
        "spark.driver.memory": "5g",
        # Tables of a few rows: a small run's settings, which take half the time.
        **SETTINGS,
        # For half an hour, not for one run: the second compiler pays, once it is asked for less often.
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -Xms2g -XX:NewRatio=1 -XX:MetaspaceSize=400m "
        "-XX:Tier4InvocationThreshold=20000 "
        "-XX:Tier4MinInvocationThreshold=5000 -XX:Tier4CompileThreshold=60000 "
        "-XX:Tier4BackEdgeThreshold=200000",
    }
    some = {"some": Connection(url="jdbc:postgresql:some")}
    built = session(FakeProject(spark=two, aws=FakeAws(s3_server, _REGION), connections=some))
    yield built
    built.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server of the tests' own, on a free port."""
    with served() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[Database]:
    """An empty database of its own."""
    with postgres_server.database() as database:
        yield database


@pytest.fixture(scope="session")
def parcels(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The README's own dataset, made and run as written there: its folder, and what each block said."""
    folder = tmp_path_factory.mktemp("readme")
    with contextlib.chdir(folder):
        return folder, printed(README)


@pytest.fixture(scope="session")
def kept_demo(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `tieout demo --keep` leaves, of the smallest shop."""
    from jobs.console.screen import plain_on
    from jobs.demo.demo import run_demo
    from jobs.demo.injection import FEWEST

    folder, told = tmp_path_factory.mktemp("demo") / "shop", io.StringIO()
    code = run_demo(FEWEST, str(folder), False, plain_on(told, 200))
    assert code == 0, told.getvalue()
    return folder


@pytest.fixture
def lake(tmp_path: Path) -> str:
    """An empty local folder to keep tables in."""
    folder = tmp_path / "lake"
    folder.mkdir()
    return str(folder)


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> S3:
    """The S3 server, with the environment leading to it; `s3.bucket("raw")` makes a bucket, `s3://raw-...`."""
    import boto3

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_REGION", _REGION)
    client = boto3.client("s3", endpoint_url=s3_server, region_name=_REGION)

    def bucket(name: str) -> str:
        # S3A keeps a client for each bucket, so each test has buckets of its own.
        unique = f"{name}-{abs(hash(request.node.nodeid)):x}"
        client.create_bucket(Bucket=unique, CreateBucketConfiguration={"LocationConstraint": _REGION})
        return f"s3://{unique}"

    return S3(s3_server, bucket)
