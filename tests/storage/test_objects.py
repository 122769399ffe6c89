"""Objects: one behaviour over S3 and local folders; listing, reading and the conditional writes."""

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs.errors import ConfigError, InputError, RetryableError
from jobs.storage.objects import Objects
from jobs.storage.uri import join, scheme_free, spark_uri
from tests.conftest import S3, FakeAws

# A client of its own for each call would take most of the time.
STORE = Objects()


@pytest.fixture(params=["local", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place on each kind of store."""
    if request.param == "local":
        return str(tmp_path / "raw")
    s3: S3 = request.getfixturevalue("s3")
    return s3.bucket("raw")


def _names(root: str, uri: str, start_after: str | None = None) -> list[str]:
    below = scheme_free(root).rstrip("/") + "/"
    return [found.path.removeprefix(below) for found in STORE.list(uri, start_after)]


def _fill(root: str, *names: str) -> None:
    for name in names:
        STORE.write(f"{root}/{name}", b"x")


def test_a_listing_is_recursive_and_in_byte_order(root: str) -> None:
    _fill(root, "e/b.json", "e/a/z.json", "e/a.json", "e/é.json", "e/a-1.json", "e/Z.json")

    assert _names(root, f"{root}/e/") == [
        "e/Z.json",
        "e/a-1.json",
        "e/a.json",
        "e/a/z.json",
        "e/b.json",
        "e/é.json",
    ]


def test_hidden_names_and_markers_are_no_data(root: str) -> None:
    _fill(
        root,
        "e/_SUCCESS",
        "e/.crc",
        "e/_tmp/part.json",
        "e/f_$folder$",
        "e/_day=1/kept.json",
        "e/x._COPYING_",
    )

    assert _names(root, f"{root}/e") == ["e/_day=1/kept.json"]


def test_a_prefix_means_the_folder_and_not_its_neighbours(root: str) -> None:
    _fill(root, "events/1.json", "events-old/1.json", "events.json")

    assert _names(root, f"{root}/events") == ["events/1.json"]
    assert _names(root, f"{root}/events.json") == ["events.json"]
    assert len(_names(root, root)) == 3


def test_an_empty_prefix_yields_nothing(root: str) -> None:
    _fill(root, "other/1.json")

    assert _names(root, f"{root}/events/") == []
    assert _names(root, f"{root}/events") == []


def test_a_listing_can_start_after_a_path(root: str) -> None:
    _fill(root, "e/1.json", "e/2.json", "e/3.json")

    assert _names(root, f"{root}/e/", f"{scheme_free(root)}/e/2.json") == ["e/3.json"]


def test_a_listing_that_starts_between_folders_shows_what_sorts_behind(root: str) -> None:
    names = ("e/1/z.json", "e/2/a.json", "e/2/c/d.json", "e/2/z.json", "e/2-x.json", "e/2.json", "e/3/a.json")
    _fill(root, *names)
    for start in ("e/2/b", "e/2/c/d.json", "e/2", "e/2/", "e/1", "e/0", "e/4", "e/2/z.json", "e/2-"):
        expected = sorted(name for name in names if name > start)
        assert _names(root, f"{root}/e", f"{scheme_free(root)}/{start}") == expected, start


def test_what_a_listing_says_of_a_version(root: str) -> None:
    STORE.write(f"{root}/e/1 ü+%41.json", b"four")

    (info,) = STORE.list(f"{root}/e/")

    assert info.path == scheme_free(f"{root}/e/1 ü+%41.json")
    assert STORE.read(info.uri) == b"four"
    assert info.size == 4
    assert info.etag and '"' not in info.etag
    assert info.modified_at.tzinfo is not None and info.modified_at.utcoffset() == timedelta(0)
    assert abs(info.modified_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert STORE.info(info.uri) == info or STORE.info(info.uri).etag == info.etag  # type: ignore[union-attr]


def test_a_missing_object_is_told_apart(root: str) -> None:
    _fill(root, "there")

    assert STORE.get(f"{root}/gone") is None
    assert STORE.info(f"{root}/gone") is None
    assert STORE.get(f"{root}/there/below") is None
    with pytest.raises(InputError, match="gone does not exist"):
        STORE.read(f"{root}/gone")
    STORE.delete(f"{root}/gone")


def test_create_writes_once(root: str) -> None:
    assert STORE.create(f"{root}/decision", b"first")
    assert not STORE.create(f"{root}/decision", b"second")
    assert STORE.read(f"{root}/decision") == b"first"


def test_replace_needs_the_present_version(root: str) -> None:
    store, uri = STORE, f"{root}/lease"
    assert not store.replace(uri, b"none yet", "0-0")
    store.write(uri, b"one")
    _, first = store.get(uri)  # type: ignore[misc]

    assert store.replace(uri, b"two", first)
    assert not store.replace(uri, b"six", first)
    assert store.read(uri) == b"two"
    store.delete(uri)
    assert not store.replace(uri, b"ten", first)
    assert store.get(uri) is None


def test_versions_written_in_one_tick_differ(root: str) -> None:
    etags = set()
    for text in (b"a", b"b", b"c", b"d", b"e"):
        STORE.write(f"{root}/same-size", text)
        etags.add(STORE.get(f"{root}/same-size")[1])  # type: ignore[index]

    assert len(etags) == 5


@pytest.mark.parametrize("kind", ["create", "replace"])
def test_of_many_conditional_writes_one_wins(root: str, kind: str) -> None:
    uri, won = f"{root}/wanted", []
    etag = ""
    if kind == "replace":
        STORE.write(uri, b"free")
        etag = STORE.get(uri)[1]  # type: ignore[index]
    gate = threading.Barrier(8)

    def write(number: int) -> None:
        gate.wait()
        data = f"{number}".encode()
        if STORE.create(uri, data) if kind == "create" else STORE.replace(uri, data, etag):
            won.append(data)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert STORE.read(uri) == won[0]


def test_a_missing_bucket_is_one_sentence(s3: S3) -> None:
    with pytest.raises(InputError, match="there is no bucket 'no-such-bucket'; check its name"):
        list(Objects(s3.aws).list("s3://no-such-bucket/events/"))
    with pytest.raises(InputError, match="there is no bucket"):
        Objects(s3.aws).write("s3://no-such-bucket/a", b"")


def test_an_endpoint_out_of_reach_is_worth_a_retry() -> None:
    with pytest.raises(RetryableError, match="out of reach"):
        Objects(FakeAws("http://127.0.0.1:9", "eu-west-1")).read("s3://raw/a")


def test_missing_credentials_are_a_matter_of_configuration(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(ConfigError, match="no AWS credentials were found"):
        Objects(s3.aws).read("s3://raw/a")


def test_requests_to_s3_are_counted(s3: S3) -> None:
    bucket, store = s3.bucket("raw"), Objects(s3.aws)
    store.write(f"{bucket}/a", b"")
    store.get(f"{bucket}/a")
    list(store.list(f"{bucket}/"))

    assert store.requests == 3


def test_a_long_listing_goes_on_over_pages(s3: S3) -> None:
    bucket, store = s3.bucket("raw"), Objects(s3.aws)
    # How long a page is, is the server's to decide.
    short = store._client.meta.events
    short.register("before-parameter-build.s3.ListObjectsV2", lambda params, **_: params.update(MaxKeys=5))
    names = [f"{bucket}/e/{number:02}" for number in range(12)]
    for name in names:
        store.write(name, b"")

    assert [found.uri for found in store.list(f"{bucket}/e/")] == names
    assert store.requests == 12 + 3


def test_a_lost_answer_to_a_first_write_is_not_a_refusal(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    uri, store = s3.bucket("raw") + "/decision", Objects(s3.aws)
    store.write(uri, b"mine")
    answer = {"Error": {"Code": "PreconditionFailed"}, "ResponseMetadata": {"RetryAttempts": 1}}

    def put(**_: object) -> None:
        raise ClientError(answer, "PutObject")  # type: ignore[arg-type]

    monkeypatch.setattr(store._client, "put_object", put)

    assert store.create(uri, b"mine")
    assert not store.create(uri, b"theirs")


def test_a_write_that_keeps_meeting_others_gives_up(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    store = Objects(s3.aws)

    def put(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")

    monkeypatch.setattr(store._client, "put_object", put)
    monkeypatch.setattr("jobs.storage.objects.time.sleep", lambda _: None)

    with pytest.raises(RetryableError, match="written by others"):
        store.create("s3://raw/a", b"")


def test_a_local_file_is_never_seen_half_written(tmp_path: Path) -> None:
    STORE.write(str(tmp_path / "a"), b"x")

    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match="cannot be written"):
        STORE.write(str(tmp_path / "file" / "below"), b"")


@pytest.mark.parametrize(
    ("uri", "path", "for_spark"),
    [
        ("s3://raw/a b/c", "raw/a b/c", "s3a://raw/a b/c"),
        ("s3a://raw/", "raw/", "s3a://raw/"),
        ("/data/x", "/data/x", "file:///data/x"),
        ("file:///data/x/", "/data/x/", "file:///data/x/"),
        ("file:/data/x", "/data/x", "file:///data/x"),
        ("file:///data/a%20b", "/data/a%20b", "file:///data/a%20b"),
        ("/", "/", "file:///"),
    ],
)
def test_the_forms_of_a_uri(uri: str, path: str, for_spark: str) -> None:
    assert scheme_free(uri) == path
    assert spark_uri(uri) == for_spark


def test_a_relative_path_is_below_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert scheme_free("lake/./orders") == os.path.realpath(tmp_path) + "/lake/orders"


@pytest.mark.parametrize("uri", ["gs://bucket/key", "hdfs:///x", "s3:///key"])
def test_an_unknown_place_is_refused(uri: str) -> None:
    with pytest.raises(ConfigError):
        scheme_free(uri)


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        (("s3://raw", "a", "b"), "s3://raw/a/b"),
        (("s3://raw/", "/a/", "", "b/"), "s3://raw/a/b"),
        (("/", "a"), "/a"),
        (("/lake/",), "/lake"),
    ],
)
def test_join(parts: tuple[str, ...], joined: str) -> None:
    assert join(*parts) == joined
