"""The rows of the table, each by its name: what is measured, against what, and how much is wanted."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.road import files, plot, trips
from bench.road.orders import Orders, orders
from bench.road.table import Line
from bench.road.trips import STAGES, Trip

_WAYS = ("by hand", "DuckDB", "Tieout")
_STAGE_GOALS = {"ingest": 2.5, "dedupe": 2.0, "state": 2.0, "reconcile": 3.0}
# Of ten million rows of CSV, a gigabyte, so many events make 1.2 GB of JSON text.
_EVENTS_A_ROW = 0.43
_LEAST_HEAP = "2g"
_RUN = ("run", "orders", "-c", "conf", "--json")
_INGEST = ("ingest", "orders", "-c", "conf", "--json")


@dataclass
class Road:
    """The sizes to measure at, the folder of inputs and lakes, and the trips made so far.

    `keys` of the shop, `rows` of the large load file, `files` of 5 KB; `heap` of what is compared with the
    way by hand. `picture`: where the plot goes.
    """

    folder: Path
    keys: int
    rows: int
    files: int
    heap: str
    picture: Path
    _trips: dict[tuple[int, str | None, str], Trip] = field(default_factory=dict)

    def shop(self, keys: int) -> Orders:
        """The shop's inputs."""
        return orders(self.folder / f"orders-{keys}", keys)

    def trip(self, way: str, keys: int, heap: str | None) -> Trip:
        """The whole road at a size, each way once; lakes of Tieout stay for what comes after."""
        known = (keys, heap, way)
        if known not in self._trips:
            shop = self.shop(keys)
            place = trips.workplace(self.place(way, keys, heap), shop.folder, heap)
            if way == "Tieout":
                self._trips[known] = trips.in_tieout(place, _RUN, shop.first)
            elif way == "DuckDB":
                self._trips[known] = trips.in_duckdb(place, shop.first)
            else:
                self._trips[known] = trips.in_spark(place, "road", shop.first)
        return self._trips[known]

    def place(self, way: str, keys: int, heap: str | None) -> Path:
        """Where a trip is made; what it wrote stays there."""
        return self.folder / f"{way.lower().replace(' ', '-')}-{keys}-{heap or 'default'}"


def whole(road: Road) -> list[Line]:
    """The first run: as a whole and stage by stage, bytes, Spark jobs, memory."""
    hand, duck, ours = (road.trip(way, road.keys, road.heap) for way in _WAYS)
    three = _Three(f"whole, {road.keys:,} keys, {road.heap}", ours, hand, duck)
    others = sum(taken for stage, taken in ours.stages.items() if stage not in STAGES)
    return [
        three.line("the whole road", lambda trip: trip.seconds, 2.0),
        *(three.line(stage, _stage(stage), goal) for stage, goal in _STAGE_GOALS.items()),
        Line(three.row, "compensate, validate, report", others),
        three.line("bytes of the tables", lambda trip: trip.size, 1.6, unit="MB"),
        *_process_lines(three, jobs=120),
    ]


@dataclass(frozen=True)
class _Three:
    """The trips of a row, its first line with why one of them failed."""

    row: str
    ours: Trip
    hand: Trip
    duck: Trip | None = None

    def line(
        self,
        what: str,
        figure: Callable[[Trip], float | None],
        goal: float | None = None,
        of_ratio: bool = True,
        unit: str = "s",
    ) -> Line:
        """Return the line of one figure of each."""
        ours, hand = figure(self.ours), figure(self.hand)
        duck = figure(self.duck) if self.duck else None
        return Line(self.row, what, ours, hand, duck, goal, of_ratio, unit=unit, failed=self.failed)

    @property
    def failed(self) -> str:
        """Why some of them did not get there."""
        trips = [trip for trip in (self.hand, self.duck, self.ours) if trip]
        return "; ".join(dict.fromkeys(trip.failed for trip in trips if trip.failed))


def _stage(name: str) -> Callable[[Trip], float | None]:
    return lambda trip: trip.stages.get(name)


def _process_lines(three: _Three, jobs: int) -> list[Line]:
    by_stage = ", ".join(f"{stage} {n}" for stage, n in three.ours.stage_jobs.items())
    counted = three.line("Spark jobs", lambda trip: trip.jobs, jobs, of_ratio=False, unit="")
    return [
        replace(counted, note=f"Spark jobs of {by_stage}." if by_stage else ""),
        three.line("peak memory of the process", lambda trip: trip.peak, unit="MB"),
        three.line("processor time", lambda trip: trip.cpu),
    ]


def in_default_heap(road: Road) -> list[Line]:
    """The same in the session that Tieout builds when nothing is said."""
    return _in_heap(road, None, "default heap")


def in_least_heap(road: Road) -> list[Line]:
    """The same in 2 GiB."""
    return _in_heap(road, _LEAST_HEAP, f"heap of {_LEAST_HEAP}")


def _in_heap(road: Road, heap: str | None, name: str) -> list[Line]:
    ours = road.trip("Tieout", road.keys, heap)
    return [
        Line(name, "the whole road finishes", ours.seconds, failed=ours.failed),
        Line(name, "peak memory of the process", ours.peak, unit="MB"),
    ]


def day_two(road: Road) -> list[Line]:
    """An hour more of records, 0.5 %, and a new snapshot, on the lake of the first run."""
    first, shop = road.trip("Tieout", road.keys, road.heap), road.shop(road.keys)
    place = road.place("Tieout", road.keys, road.heap)
    trips.deliver(place, shop.folder / "later")
    ours = trips.in_tieout(place, _RUN, shop.second) if not first.failed else first
    name = "day two, 0.5 % new"
    lines = [
        Line(
            name, "the run, to the first one", ours.seconds, goal=0.12, base=first.seconds, failed=ours.failed
        )
    ]
    lines += [Line(name, stage, ours.stages.get(stage), base=first.stages.get(stage)) for stage in STAGES]
    return [*lines, Line(name, "Spark jobs", ours.jobs, unit="")]


def five_sizes(road: Road) -> list[Line]:
    """Five times the keys."""
    one, five = (road.trip("Tieout", n * road.keys, road.heap) for n in (1, 5))
    hand, duck = (road.trip(way, 5 * road.keys, road.heap) for way in _WAYS[:2])
    three = _Three(f"{5 * road.keys:,} keys, {road.heap}", five, hand, duck)
    return [
        three.line("the whole road", lambda trip: trip.seconds),
        Line(
            three.row, f"to {road.keys:,} keys", five.seconds, goal=5.5, base=one.seconds, failed=one.failed
        ),
        three.line("peak memory of the process", lambda trip: trip.peak, unit="MB"),
    ]


def load_file(road: Road) -> list[Line]:
    """One load file of a gigabyte of CSV, in 2 GiB."""
    folder = road.folder / f"load-{road.rows}"
    files.load_file(folder, road.rows)
    return _ingest(road, f"one LOAD file, {road.rows:,} rows, {_LEAST_HEAP}", folder, 2.5)


def load_parquet(road: Road) -> list[Line]:
    """A fifth of its rows as Parquet, against the same rows as CSV."""
    rows = road.rows // 5
    csv, parquet = (road.folder / f"load-{form}-{rows}" for form in ("csv", "parquet"))
    files.load_file(csv, rows)
    files.load_file(parquet, rows, parquet=True)
    of_csv, of_parquet = (_ingested(road, inputs) for inputs in (csv, parquet))
    name, failed = f"one LOAD file, {rows:,} rows of Parquet", of_csv.failed or of_parquet.failed
    base, ours = of_csv.stages.get("ingest"), of_parquet.stages.get("ingest")
    return [Line(name, "ingest, to the same in CSV", ours, goal=1.0, base=base, failed=failed)]


def _ingested(road: Road, inputs: Path) -> Trip:
    with _place_of(road, inputs) as place:
        return trips.in_tieout(place, _INGEST)


@contextmanager
def _place_of(road: Road, inputs: Path) -> Iterator[Path]:
    """A place for an ingest of the inputs, for as long as it is measured."""
    place = trips.workplace(road.folder / "run-ingest", inputs, _LEAST_HEAP)
    yield place
    shutil.rmtree(place)


def one_gz(road: Road) -> list[Line]:
    """One .gz of 1.2 GB of JSON text, in 2 GiB."""
    rows = int(road.rows * _EVENTS_A_ROW)
    folder = road.folder / f"gz-{rows}"
    files.one_gz(folder, rows)
    return _ingest(road, f"one .gz, {rows:,} events, {_LEAST_HEAP}", folder, 2.5)


def small_files(road: Road) -> list[Line]:
    """Many files of 5 KB, against reading them by a list of their names."""
    folder = road.folder / f"small-{road.files}"
    files.small_files(folder, road.files)
    return _ingest(road, f"{road.files:,} files of 5 KB, {_LEAST_HEAP}", folder, 2.0)


def _ingest(road: Road, name: str, inputs: Path, goal: float) -> list[Line]:
    """The stage ingest against lines that go to Delta."""
    with _place_of(road, inputs) as place:
        hand, ours = trips.in_spark(place, "lines"), trips.in_tieout(place, _INGEST)
    three = _Three(name, ours, hand)
    return [
        three.line("lines to Delta, ingest", _stage("ingest"), goal),
        three.line("peak memory of the process", lambda trip: trip.peak, unit="MB"),
    ]


def five_keys(road: Road) -> list[Line]:
    """Five keys in the default session, from command to exit."""
    hand, duck, ours = (road.trip(way, 5, None) for way in _WAYS)
    three = _Three("five keys", ours, hand, duck)
    return [
        Line("five keys", "command to exit", ours.seconds, goal=15, of_ratio=False, failed=ours.failed),
        *_process_lines(three, jobs=80),
    ]


def demo(road: Road) -> list[Line]:
    """The demo, both passes."""
    place = road.folder / "run-demo"
    place.mkdir(exist_ok=True)
    ours = trips.in_tieout(place, ("demo", "--json"))
    shutil.rmtree(place)
    return [
        Line("demo", "command to exit", ours.seconds, goal=75, of_ratio=False, failed=ours.failed),
        Line("demo", "Spark jobs", ours.jobs, unit=""),
    ]


def sizes(road: Road) -> list[Line]:
    """Time over size, one, two and five times the keys; drawn as well."""
    counts = [n * road.keys for n in (1, 2, 5)]
    seconds = {way: [road.trip(way, keys, road.heap).seconds for keys in counts] for way in _WAYS}
    road.picture.write_text(plot.drawn(counts, seconds))
    points = zip(counts, *(seconds[way] for way in _WAYS), strict=True)
    return [Line("time over size", f"{keys:,} keys", ours, hand, duck) for keys, hand, duck, ours in points]


ROWS: Mapping[str, Callable[[Road], list[Line]]] = {
    "whole": whole, "day-two": day_two, "default-heap": in_default_heap, "heap-2g": in_least_heap,
    "five-times": five_sizes, "load-file": load_file, "load-parquet": load_parquet, "one-gz": one_gz,
    "small-files": small_files, "five-keys": five_keys, "demo": demo, "sizes": sizes,
}  # fmt: skip
