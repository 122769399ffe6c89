"""Objects: a URI -> listings, bytes and conditional writes, in S3 or in a local folder alike."""

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from jobs.errors import InputError, RetryableError
from jobs.storage import local
from jobs.storage.s3 import Aws, Conflict, Missing, Refused, client_of, endpoint_of, explained, region_of
from jobs.storage.uri import (
    ObjectInfo,
    bucket_and_key,
    is_data,
    is_s3,
    join,
    local_path,
    scheme_free,
    spark_uri,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = [
    "Aws",
    "ObjectInfo",
    "Objects",
    "endpoint_of",
    "is_s3",
    "join",
    "region_of",
    "scheme_free",
    "spark_uri",
]

_CONFLICT_TRIES = 5
_AT_ONCE = 16


class SupportsRead(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int = ..., /) -> bytes: ...


class Objects:
    """Reads and writes whole objects; `requests` counts the calls made to S3.

    An `impatient` one gives S3 a second or two and one try, for those who only want to look.
    """

    def __init__(self, aws: Aws | None = None, impatient: bool = False) -> None:
        self._aws = aws
        self._impatient = impatient
        self._s3: S3Client | None = None
        self._lock = threading.Lock()
        self.requests = 0

    def list(self, uri: str, start_after: str | None = None) -> Iterator[ObjectInfo]:
        """The data files below a prefix (or the one object it names), sorted by path.

        Names that begin with `_` or `.` and folder markers are left out, as Spark leaves them out. A prefix
        that holds nothing yields nothing. `start_after` (scheme-free) leaves out what sorts up to it.

        Raises:
            InputError: there is no such bucket, or it may not be read.
        """
        if not is_s3(uri):
            yield from local.files_below(local_path(uri), start_after)
            return
        bucket, key = bucket_and_key(uri)
        folder = key if not key or key.endswith("/") else f"{key}/"
        below, any_key = len(bucket) + 1 + len(folder), False
        for each in self._below(uri, bucket, folder, start_after):
            any_key = True
            if is_data(each.path[below:]):
                yield each
        if not any_key and key != folder and not start_after and (itself := self.info(uri)):
            yield itself

    def everything(self, uri: str) -> Iterator[ObjectInfo]:
        """All that lies below a prefix, sorted by path: hidden names too, and the markers of empty folders.

        A local folder that is there yields something, be it its own marker; in S3 what is empty is not there.

        Raises:
            InputError: there is no such bucket, or it may not be read.
        """
        if not is_s3(uri):
            return local.everything_below(local_path(uri))
        bucket, key = bucket_and_key(uri)
        return self._below(uri, bucket, key if not key or key.endswith("/") else f"{key}/", None)

    def info(self, uri: str) -> ObjectInfo | None:
        """The object's present version, or None when there is none."""
        if not is_s3(uri):
            return local.info_of(local_path(uri))
        bucket, key = bucket_and_key(uri)
        try:
            with explained(uri):
                head = self._client.head_object(Bucket=bucket, Key=key)
        except Missing:
            return None
        path, etag = scheme_free(uri), head["ETag"].strip('"')
        return ObjectInfo(path, f"s3://{path}", etag, head["ContentLength"], head["LastModified"])

    def infos(self, uris: Iterable[str]) -> tuple[ObjectInfo, ...]:
        """The present versions of those of the objects that are there, asked for side by side."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return tuple(info for info in pool.map(self.info, uris) if info is not None)

    def read(self, uri: str) -> bytes:
        """The object's bytes.

        Raises:
            InputError: there is no such object, or it may not be read.
        """
        stored = self.get(uri)
        if stored is None:
            raise InputError(f"{uri} does not exist; check the path.")
        return stored[0]

    def get(self, uri: str) -> tuple[bytes, str] | None:
        """The object's bytes and the etag of just these bytes, or None when there is none."""
        return self._got(uri) if is_s3(uri) else local.content_of(local_path(uri))

    def beginning(self, uri: str, size: int) -> bytes:
        """The object's first bytes, at most so many; none where there is no such object.

        Raises:
            InputError: it may not be read.
        """
        if not is_s3(uri):
            return local.beginning_of(local_path(uri), size)
        got = self._got(uri, Range=f"bytes=0-{size - 1}")
        return got[0] if got else b""

    def tail(self, uri: str, length: int) -> bytes | None:
        """The last bytes of the object, all of a shorter one; None when there is none."""
        if not is_s3(uri):
            return local.tail_of(local_path(uri), length)
        got = self._got(uri, Range=f"bytes=-{length}")
        return got[0] if got else None

    @contextmanager
    def opened(self, uri: str) -> Iterator[SupportsRead | None]:
        """The object to be read piece by piece, from its beginning on; None when there is none."""
        if not is_s3(uri):
            with local.opened(local_path(uri)) as file:
                yield file
            return
        bucket, key = bucket_and_key(uri)
        try:
            with explained(uri):
                body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
        except Missing:
            yield None
            return
        with explained(uri), closing(body):
            yield body

    def write(self, uri: str, data: bytes, content_type: str | None = None) -> None:
        """Writes the object, whatever stood there."""
        if not is_s3(uri):
            local.write_file(local_path(uri), data)
            return
        self._put(uri, data, **({"ContentType": content_type} if content_type else {}))

    def create(self, uri: str, data: bytes) -> bool:
        """Writes the object if there is none of that name; False when there is."""
        if not is_s3(uri):
            return local.create_file(local_path(uri), data)
        return self._put(uri, data, IfNoneMatch="*")

    def replace(self, uri: str, data: bytes, etag: str) -> bool:
        """Writes the object if it still has this etag; False when it changed or went."""
        if not is_s3(uri):
            return local.replace_file(local_path(uri), data, etag)
        return self._put(uri, data, IfMatch=f'"{etag}"')

    def delete(self, uri: str) -> None:
        """Removes the object; one that is not there is fine."""
        if not is_s3(uri):
            local.delete_file(local_path(uri))
            return
        bucket, key = bucket_and_key(uri)
        with explained(uri):
            self._client.delete_object(Bucket=bucket, Key=key)

    @property
    def _client(self) -> "S3Client":
        with self._lock:
            if self._s3 is None:
                self._s3 = client_of(self._aws, self._count, self._impatient)
            return self._s3

    def _got(self, uri: str, **what: str) -> tuple[bytes, str] | None:
        bucket, key = bucket_and_key(uri)
        try:
            with explained(uri):
                got = self._client.get_object(Bucket=bucket, Key=key, **what)  # type: ignore[arg-type]  # Range
                return got["Body"].read(), got["ETag"].strip('"')
        except Missing:
            return None

    def _count(self, **_: object) -> None:
        with self._lock:
            self.requests += 1

    def _below(self, uri: str, bucket: str, folder: str, start_after: str | None) -> Iterator[ObjectInfo]:
        more: dict[str, Any] = {"StartAfter": start_after.partition("/")[2]} if start_after else {}
        with explained(uri):
            pager = self._client.get_paginator("list_objects_v2")
            pages = pager.paginate(Bucket=bucket, Prefix=folder, **more)
            for entry in (entry for page in pages for entry in page.get("Contents", [])):
                path, etag = f"{bucket}/{entry['Key']}", entry["ETag"].strip('"')
                yield ObjectInfo(path, f"s3://{path}", etag, entry["Size"], entry["LastModified"])

    def _put(self, uri: str, data: bytes, **conditions: Any) -> bool:
        bucket, key = bucket_and_key(uri)
        for attempt in range(_CONFLICT_TRIES):
            try:
                with explained(uri):
                    self._client.put_object(Bucket=bucket, Key=key, Body=data, **conditions)
                    return True
            except Missing:
                return False
            except Refused as refused:
                # The client sends again after a lost answer, and is then refused by its own first success.
                return refused.sent_again and (self.get(uri) or (None,))[0] == data
            except Conflict:
                time.sleep(0.05 * 2**attempt)
        raise RetryableError(f"{uri} is being written by others all the time; try again in a moment.")
