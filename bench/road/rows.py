"""The rows of the table, each by its name: what is measured, against what, and how much is wanted."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace

from bench.road import ingests, plot, trips
from bench.road.comparison import LEAST_HEAP, RUN, WAYS, Road, Three, process_lines, stage_seconds
from bench.road.table import Line
from bench.road.trips import STAGES

_STAGE_GOALS = {"ingest": 2.5, "dedupe": 2.0, "state": 2.0, "reconcile": 3.0}


def whole(road: Road) -> list[Line]:
    """The first run: as a whole and stage by stage, bytes, Spark jobs, memory."""
    hand, duck, ours = (road.trip(way, road.keys, road.heap) for way in WAYS)
    three = Three(f"whole, {road.keys:,} keys, {road.heap}", ours, hand, duck)
    others = sum(taken for stage, taken in ours.stages.items() if stage not in STAGES)
    return [
        three.line("the whole road", lambda trip: trip.seconds, 2.0),
        *(three.line(stage, stage_seconds(stage), goal) for stage, goal in _STAGE_GOALS.items()),
        Line(three.row, "compensate, validate, report", others),
        three.line("bytes of the tables", lambda trip: trip.size, 1.6, unit="MB"),
        *process_lines(three, jobs=120),
    ]


def in_default_heap(road: Road) -> list[Line]:
    """The same in the session that Tieout builds when nothing is said."""
    return _in_heap(road, None, "default heap")


def in_least_heap(road: Road) -> list[Line]:
    """The same in 2 GiB."""
    return _in_heap(road, LEAST_HEAP, f"heap of {LEAST_HEAP}")


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
    ours = trips.in_tieout(place, RUN, shop.second) if not first.failed else first
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
    hand, duck = (road.trip(way, 5 * road.keys, road.heap) for way in WAYS[:2])
    three = Three(f"{5 * road.keys:,} keys, {road.heap}", five, hand, duck)
    return [
        three.line("the whole road", lambda trip: trip.seconds),
        Line(
            three.row, f"to {road.keys:,} keys", five.seconds, goal=5.5, base=one.seconds, failed=one.failed
        ),
        three.line("peak memory of the process", lambda trip: trip.peak, unit="MB"),
    ]


def five_keys(road: Road) -> list[Line]:
    """Five keys in the default session, from command to exit."""
    hand, duck, ours = (road.trip(way, 5, None) for way in WAYS)
    three = Three("five keys", ours, hand, duck)
    return [
        three.line("command to exit", lambda trip: trip.to_exit, 15, of_ratio=False),
        *process_lines(three, jobs=80),
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
    made = {way: [road.trip(way, keys, road.heap) for keys in counts] for way in WAYS}
    seconds = {way: [0 if trip.failed else trip.seconds for trip in each] for way, each in made.items()}
    road.picture.parent.mkdir(parents=True, exist_ok=True)
    road.picture.write_text(plot.drawn(counts, seconds))
    points = zip(counts, *(made[way] for way in WAYS), strict=True)
    lines = [
        Three("time over size", ours, hand, duck).line(f"{keys:,} keys", lambda trip: trip.seconds)
        for keys, hand, duck, ours in points
    ]
    return [*lines[:-1], replace(lines[-1], note=f"drawn into {road.picture}")]


ROWS: Mapping[str, Callable[[Road], list[Line]]] = {
    "whole": whole, "day-two": day_two, "default-heap": in_default_heap, "heap-2g": in_least_heap,
    "five-times": five_sizes, "load-file": ingests.load_file, "load-parquet": ingests.load_parquet,
    "one-gz": ingests.one_gz, "small-files": ingests.small_files, "five-keys": five_keys, "demo": demo,
    "sizes": sizes,
}  # fmt: skip
