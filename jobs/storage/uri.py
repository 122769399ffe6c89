"""URIs: `s3://bucket/key`, `file:///path` or a plain path -> the forms that each library understands."""

import os
from dataclasses import dataclass
from datetime import datetime

from jobs.errors import ConfigError

_S3_SCHEMES = ("s3://", "s3a://", "s3n://")
_HIDDEN = ("_", ".")
_PATTERN_SIGNS = str.maketrans({char: f"\\{char}" for char in "{}[]*?\\"})
_FOLDER_MARKERS = ("/", "_$folder$")


Version = tuple[str, str]  # path and etag


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """A version of a stored file: `path` (scheme-free) and `etag` identify it; `size` is in bytes."""

    path: str
    uri: str
    etag: str
    size: int
    modified_at: datetime

    @property
    def version(self) -> Version:
        """What identifies it."""
        return self.path, self.etag


def is_s3(uri: str) -> bool:
    """Whether the URI names something in S3."""
    return uri.startswith(_S3_SCHEMES)


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The bucket and the key of an S3 URI; the key may be empty."""
    bucket, _, key = uri.split("://", 1)[1].partition("/")
    if not bucket:
        raise ConfigError(f"{uri!r} names no bucket; write s3://bucket/prefix/.")
    return bucket, key


def local_path(uri: str) -> str:
    """The absolute path of a local URI, a trailing slash kept; nothing is percent-decoded, as in Spark."""
    if "://" in uri and not uri.startswith("file://"):
        raise ConfigError(f"{uri!r} is no place Tieout knows; use s3://..., file:///... or a plain path.")
    path = uri.removeprefix("file:")
    path = path[2:] if path.startswith("//") else path
    folder = "/" if path.endswith("/") else ""
    return os.path.abspath(os.path.expanduser(path)).rstrip("/") + folder or "/"


def scheme_free(uri: str) -> str:
    """What identifies a file whatever client names it: `bucket/key` in S3, `/absolute/path` elsewhere."""
    if not is_s3(uri):
        return local_path(uri)
    bucket_and_key(uri)
    return uri.split("://", 1)[1]


def join(uri: str, *parts: str) -> str:
    """The URI with the parts below it, one slash between each; empty parts vanish."""
    head = uri if uri.endswith("://") else uri.rstrip("/") or "/"
    tail = "/".join(part.strip("/") for part in parts if part.strip("/"))
    if not tail:
        return head
    return head + tail if head.endswith("/") else f"{head}/{tail}"


def on_emr() -> bool:
    """Whether this is EMR, where `s3://` is read by the file system that the cluster is set up with."""
    return os.path.isdir("/usr/share/aws/emr")


def spark_uri(uri: str) -> str:
    """The URI as Spark takes it: EMR's own `s3://` there, S3A elsewhere, `file:` spelt out for a plain path.

    Spelt out because on a cluster a path without a scheme is in HDFS.
    """
    if is_s3(uri):
        return ("s3://" if on_emr() else "s3a://") + scheme_free(uri)
    return "file://" + local_path(uri)


def pattern_free(uri: str) -> str:
    """The URI as Spark takes it where it looks for patterns, the signs of these taken for themselves."""
    return spark_uri(uri).translate(_PATTERN_SIGNS)


def is_data(relative: str) -> bool:
    """Whether a path below a prefix is data: no hidden name on the way (Spark's rule), no folder marker."""
    if relative.endswith(_FOLDER_MARKERS) or relative.endswith("._COPYING_"):
        return False
    return not any(name.startswith(_HIDDEN) and not _is_partition(name) for name in relative.split("/"))


def _is_partition(name: str) -> bool:
    return name.startswith("_") and "=" in name
