"""Session: the project's settings -> the running SparkSession, checked, or a local one built for it."""

import atexit
import logging
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jobs.errors import ConfigError
from jobs.spark import jars
from jobs.spark.archive import archive_options
from jobs.spark.heap import default_heap
from jobs.spark.java import java_found
from jobs.spark.lean import is_small, java_options
from jobs.spark.lookups import drops_objects, looked_up
from jobs.spark.plans import OWN, started_with
from jobs.spark.quiet import quiet_children
from jobs.spark.tuning import FILES, LEAN, MEMORY, of_hadoop, without_submitted
from jobs.storage.objects import Aws, endpoint_of, region_of
from jobs.storage.uri import on_emr

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
# What every result depends on, wherever Spark runs: one zone, errors instead of nulls, plain timestamps.
_MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}
_STANDARD_CHAIN = "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider"
_UNSAFE = re.compile(r"(spark\.hadoop\.)?fs\.s3a\.(bucket\.[^=]+\.)?(create\.performance|performance\.flags)")


class ConnectionLike(Protocol):
    """A database that Spark may have to read."""

    @property
    def url(self) -> str: ...


class ProjectLike(Protocol):
    """What a session needs to know of a project: Spark's settings, where S3 is, and which databases."""

    @property
    def spark(self) -> Mapping[str, str]: ...
    @property
    def aws(self) -> Aws | None: ...
    @property
    def connections(self) -> Mapping[str, ConnectionLike]: ...


def session(
    project: ProjectLike, given: "SparkSession | None" = None, size: int | None = None
) -> "SparkSession":
    """The session to work in.

    One that is given or runs already (a notebook, a cluster, spark-submit) is taken as it is: it has to know
    Delta, and gets what a session can still be given. Otherwise a local one is built, with Delta and S3A.
    `size`: the bytes that it is for, where they are known; the JVM of a small run is started otherwise.

    Raises:
        ConfigError: Java is missing or too old, the running session lacks Delta, or a setting breaks
            create-if-absent on S3 (two writers would lose each other's commits).
    """
    _refuse_unsafe(project.spark)
    running = given or _running(project)
    spark = looked_up(_adopted(running, project) if running else _local(project, size))
    # A session that was built for a small run has to clear up once it is taken for another.
    if not (running and is_small(size)):
        drops_objects(spark, not is_small(size))
    return spark


def s3a_settings(aws: Aws | None) -> dict[str, str]:
    """Hadoop's settings for S3: `s3://` is read by S3A, credentials come from the standard chain."""
    settings = {
        "fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "fs.AbstractFileSystem.s3.impl": "org.apache.hadoop.fs.s3a.S3A",
        "fs.s3a.aws.credentials.provider": _STANDARD_CHAIN,
    }
    return settings | _endpoint_settings(aws)


def _endpoint_settings(aws: Aws | None) -> dict[str, str]:
    endpoint, region = endpoint_of(aws), region_of(aws)
    settings = {"fs.s3a.endpoint.region": region} if region else {}
    if endpoint:
        settings |= {
            "fs.s3a.endpoint": endpoint,
            # S3A asks for a region even where the server has none.
            "fs.s3a.endpoint.region": region or "us-east-1",
            "fs.s3a.path.style.access": "true",
            "fs.s3a.connection.ssl.enabled": str(not endpoint.startswith("http://")).lower(),
        }
    return settings


def local_settings(project: ProjectLike, size: int | None = None, java: str = "") -> dict[str, str]:
    """All settings of a local session, the user's own last. Fetches the jars on first use.

    `java`: what Java says of its version; where it is known, its classes are archived.
    """
    cores = max(2, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2)
    own = project.spark.get("spark.driver.extraJavaOptions", "")
    heap = project.spark.get("spark.driver.memory") or default_heap()
    postgres = any(known.url.startswith(jars.DRIVES) for known in project.connections.values())
    class_path_jars = jars.class_path(project.spark, postgres)
    class_path = [*map(str, class_path_jars), project.spark.get("spark.driver.extraClassPath", "")]
    options = [
        f"-Dlog4j2.configurationFile=file:{_log4j()}",
        # Of an error that comes often Java leaves out where; by that an unreadable file is told from a fault.
        "-XX:-OmitStackTraceInFastThrow",
        *java_options(size, own, heap),
        *(archive_options(jars.cache(), java, class_path_jars, own) if java else ()),
        own,
    ]
    return {
        "spark.app.name": "tieout",
        "spark.master": f"local[{cores}]",
        "spark.driver.memory": heap,
        # A laptop's host name often resolves to an address that is not its own.
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        # Spark makes this folder at once, and in the working folder when not told otherwise.
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "tieout-warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(cores),
        # A task that finds no memory would end Java, most often before anybody was told why.
        "spark.executor.killOnFatalError.depth": "0",
        **MEMORY,
        **of_hadoop(FILES),
        **LEAN,
        # Delta computes a table's state in 50 tasks otherwise, however small its log.
        "spark.databricks.delta.snapshotPartitions": "1",
        **_DELTA,
        **_MEANING,
        **of_hadoop(s3a_settings(project.aws)),
        **project.spark,
        "spark.driver.extraJavaOptions": " ".join(filter(None, options)),
        "spark.driver.extraClassPath": os.pathsep.join(filter(None, class_path)),
    }


@cache
def _log4j() -> Path:
    """The file that Java reads until the process ends; of a package in an archive it is unpacked."""
    unpacked = ExitStack()
    atexit.register(unpacked.close)
    return unpacked.enter_context(resources.as_file(resources.files("jobs.spark") / "log4j2.properties"))


def _local(project: ProjectLike, size: int | None) -> "SparkSession":
    _, java = java_found()
    return _built(local_settings(project, size, java))


def _built(settings: Mapping[str, str]) -> "SparkSession":
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    from jobs.spark.resource_errors import first_line

    _keep_values_out_of_the_log()
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        with quiet_children():
            return builder.getOrCreate()
    except (PySparkRuntimeError, Py4JError) as error:
        why = first_line(error)
        raise ConfigError(
            f"Spark did not start ({why}); look at the lines above, or at `spark:` in tieout.yml."
        ) from error


def _keep_values_out_of_the_log() -> None:
    """PySpark logs every SQL error with the value that caused it and a Java stack, then raises it as well."""
    from pyspark.logger import PySparkLogger

    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(name).setLevel(logging.CRITICAL)


def _running(project: ProjectLike) -> "SparkSession | None":
    """The session that is there, or the one that spark-submit has made ready for the script to open."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ConfigError(
            "pyspark is not installed; install tieout[local], or run with spark-submit."
        ) from None
    if active := SparkSession.getActiveSession():
        return active
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return _built({**without_submitted({**MEMORY, **LEAN}), **project.spark})
    return None


def _adopted(running: "SparkSession", project: ProjectLike) -> "SparkSession":
    _require_delta(running)
    _refuse_unsafe(started_with(running.sparkContext))
    endpoint = {} if on_emr() else _endpoint_settings(project.aws)
    for key, value in {**endpoint, **_MEANING}.items():
        running.conf.set(key, value)
    hadoop = running.sparkContext._jsc.hadoopConfiguration()
    settable = {key: value for key, value in LEAN.items() if running.conf.isModifiable(key)}
    for key, value in {**settable, **FILES}.items():
        if running.conf.get(key, None) is None and hadoop.get(key) is None:
            running.conf.set(key, value)
    for key, value in project.spark.items():
        name = key.removeprefix("spark.hadoop.")
        if running.conf.isModifiable(key) or name in FILES:
            running.conf.set(name, value)
    running.conf.set(OWN, ",".join(project.spark))
    return running


def _require_delta(running: "SparkSession") -> None:
    for key, value in _DELTA.items():
        if value not in (running.conf.get(key, "") or "").replace(" ", "").split(","):
            raise ConfigError(
                f"The running Spark session has no {value} in {key}; start it with --conf {key}={value} "
                "and Delta's jars (on EMR: the delta-defaults classification, delta.enabled=true)."
            )


def _refuse_unsafe(settings: Mapping[str, str]) -> None:
    for key, value in settings.items():
        if _UNSAFE.fullmatch(key) and str(value).strip().lower() not in ("", "false"):
            raise ConfigError(
                f"{key}={value} makes S3 writes skip the look for an existing file, so that two writers lose "
                "each other's commits; remove it from the Spark settings."
            )
