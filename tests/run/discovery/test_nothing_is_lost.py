"""Whatever comes when, and whenever it is looked for: each file once, at once or by the next full listing."""

import tempfile
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.clock import micros
from jobs.run.discovery.difference import Difference, KnownFile, difference
from jobs.storage.uri import ObjectInfo
from tests.run.discovery.place import HOUR, START, place
from tests.run.discovery.test_after_last import AFTER_LAST, Shelf

LOOK_BACK, FULL = 2, 24
# Hours after the beginning, and hours that the file comes later than its name says.
FILES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([0, 0, 0, 1, 2, 3, 30])),
    min_size=1,
    max_size=12,
    unique=True,
)
RUNS = st.lists(st.integers(1, 80), min_size=1, max_size=6, unique=True).map(sorted)


@given(FILES, RUNS)
@settings(max_examples=40, deadline=None)
def test_what_is_late_by_the_look_back_is_found_at_once_and_all_by_the_full_listing(
    files: list[tuple[int, int]], runs: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as lake:
        shelf = Shelf()
        log, taken = place(lake, "s3://raw/log", shelf, AFTER_LAST), list[str]()
        comes = {f"{hour:04d}-{late}.csv": (hour + late, late) for hour, late in files}
        for run in runs:
            # Half past: no file comes in the very moment of a listing.
            for name, (hour, _) in comes.items():
                if hour < run:
                    shelf.put(START + hour * HOUR, name)
            if not shelf.files:
                continue
            taken += log.names(START + run * HOUR - timedelta(minutes=30))
            present = {name for name, (hour, _) in comes.items() if hour < run}
            prompt = {name for name in present if comes[name][1] <= LOOK_BACK}
            everything = shelf.started[-1] is None
            assert (present if everything else prompt) <= set(taken)
        log.names(START + (runs[-1] + FULL) * HOUR)
        assert len(taken) == len(set(taken))
        rest = log.search(START + (runs[-1] + 2 * FULL) * HOUR)
        assert rest.new == ()


ROWS = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from(["e1", "e2"]), st.booleans()), max_size=8)
LISTED = st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from(["e1", "e2"]))


@given(LISTED, ROWS)
def test_a_comparison_page_by_page_is_that_of_sets(
    files: dict[str, str], rows: list[tuple[str, str, bool]]
) -> None:
    known = sorted({KnownFile(path, etag, False, micros(START), ingested) for path, etag, ingested in rows})
    listed = [ObjectInfo(path, path, etag, 1, START) for path, etag in sorted(files.items())]
    versions = {(row.path, row.etag) for row in known}
    gone = [row[:2] for row in known if row.is_ingested and files.get(row.path) != row.etag]
    new = tuple(file for file in listed if file.version not in versions)
    assert difference(listed, known) == Difference(new, tuple(gone))
