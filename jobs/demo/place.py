"""Place: a folder to keep, or none -> where the demo's inputs, lake, stores, queues and configuration are.

Without a folder, inputs and lake live in an embedded S3 server with a queue, as they would in production, and
are gone afterwards. A folder that is kept has to work without that server, and a file is known by its path:
so with `--keep` the runs themselves read and write plain files below that folder, a later run finds nothing
new, and repairs go straight to the store's table, without a queue.
"""

import contextlib
import http.client
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.demo.entity import ENTITIES, Entity
from jobs.demo.server import s3_server
from jobs.demo.shop import LISTED
from jobs.errors import ConfigError
from jobs.settings import Aws
from jobs.storage.delta_query import log_options
from jobs.storage.objects import Objects, join

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BUCKETS = ("shop-raw", "shop-cdc", "shop-snapshots", "shop-store", "shop-lake")
REGION = "us-east-1"
_TEMPLATES = ("tieout.yml", "sources/shop_events.yml", *(f"datasets/{each.name}.yml" for each in ENTITIES))


@dataclass(frozen=True)
class Place:
    """Where things are: the configuration in a local folder, inputs and lake at URIs."""

    config: Path
    inputs: str
    lake: str
    aws: Aws | None = None
    queues: Mapping[str, str] = field(default_factory=dict)  # of each dataset; none in a kept folder

    def __str__(self) -> str:
        return self.inputs if self.aws is None else f"an S3 server at {self.aws.endpoint_url}"

    @property
    def objects(self) -> Objects:
        """The client that reads and writes here."""
        return Objects(self.aws)

    def store(self, entity: Entity) -> str:
        """Where the shop's own table is, which the shipped consumer writes to."""
        return join(self.inputs, entity.store)

    @property
    def options(self) -> dict[str, str]:
        """The options of a reader of Delta logs here."""
        return log_options(self.aws)

    @property
    def sqs(self) -> "SQSClient":
        """A client of the queues."""
        assert self.aws is not None
        return _sqs(self.aws)

    def fill(self, files: Mapping[str, bytes]) -> None:
        """Writes the inputs in their order, and the configuration that names them."""
        self.put(files)
        self._configure()

    def put(self, files: Mapping[str, bytes]) -> None:
        """Writes inputs in their order."""
        objects = self.objects
        for number, (path, data) in enumerate(files.items()):
            uri = join(self.inputs, path)
            objects.write(uri, data)
            if self.aws is None:
                # The same stamps every time, so that a kept folder is the same as well.
                written = (LISTED - timedelta(hours=1, seconds=-number)).timestamp()
                os.utime(uri, (written, written))

    def _configure(self) -> None:
        packaged = resources.files("jobs.demo") / "conf"
        for name in _TEMPLATES:
            text = packaged.joinpath(*name.split("/")).read_text("utf-8")
            path = self.config / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + (self._settings() if name == "tieout.yml" else ""), "utf-8")

    def _settings(self) -> str:
        text = "channels:\n"
        for entity in ENTITIES:
            consumer = f"{{delta: {self.store(entity)}}}"
            queue = f"{{sqs: {self.queues[entity.name]}}}" if self.queues else consumer
            text += f"  {entity.name}: {queue}\n  {entity.consumer}: {consumer}\n"
        text += f"vars:\n  inputs: {self.inputs}\n  lake: {self.lake}\n"
        if self.aws:
            text += f"aws:\n  endpoint_url: {self.aws.endpoint_url}\n  region: {self.aws.region}\n"
        return text


@contextlib.contextmanager
def opened(keep: str | None) -> Iterator[Place]:
    """The place for one demo: below the folder `keep`, else in an S3 server that ends with the demo.

    Raises:
        ConfigError: the folder holds something already, or the `demo` extra is not installed.
    """
    _installed("pyarrow")
    if keep is not None:
        yield _kept(Path(keep).expanduser().absolute())
        return
    _installed("moto")
    with tempfile.TemporaryDirectory(prefix="tieout-demo-") as folder, _server() as url:
        aws = Aws(endpoint_url=url, region=REGION)
        queues = {each.name: _queue(_sqs(aws), f"{each.name}.fifo") for each in ENTITIES}
        yield Place(Path(folder), "s3://", "s3://shop-lake", aws, queues)


@contextlib.contextmanager
def environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """While inside, the variables have these values; None unsets one."""
    before = {name: os.environ.get(name) for name in variables}
    try:
        _set(variables)
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _kept(folder: Path) -> Place:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"--keep {folder} is there already and not empty; name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    return Place(folder / "conf", f"{folder / 'inputs'}/", str(folder / "lake"))


def _sqs(aws: Aws) -> "SQSClient":
    import boto3

    return boto3.client(
        "sqs", endpoint_url=aws.endpoint_url, region_name=aws.region,
        aws_access_key_id="demo", aws_secret_access_key="demo",  # noqa: S106 (a server that checks nothing)
    )  # fmt: skip


def _queue(sqs: "SQSClient", name: str) -> str:
    return sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]


@contextlib.contextmanager
def _server() -> Iterator[str]:
    """An S3 server on a free port of this machine, with the demo's buckets."""
    with s3_server() as address:
        for bucket in BUCKETS:
            connection = http.client.HTTPConnection(address.removeprefix("http://"))
            connection.request("PUT", f"/{bucket}")
            connection.getresponse().read()
            connection.close()
        yield address


def _installed(package: str) -> None:
    if find_spec(package) is None:
        raise ConfigError(f"The demo needs {package}, which is not installed: pip install 'tieout[demo]'.")
