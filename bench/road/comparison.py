"""The sizes of a road and the trips made so far; the trips of a row side by side -> its lines."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.road import trips
from bench.road.orders import Orders, orders
from bench.road.table import Line
from bench.road.trips import Trip

WAYS = ("by hand", "DuckDB", "Tieout")
LEAST_HEAP = "2g"
RUN = ("run", "orders", "-c", "conf", "--json")


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
                self._trips[known] = trips.in_tieout(place, RUN, shop.first)
            elif way == "DuckDB":
                self._trips[known] = trips.in_duckdb(place, shop.first)
            else:
                self._trips[known] = trips.in_spark(place, "road", shop.first)
        return self._trips[known]

    def place(self, way: str, keys: int, heap: str | None) -> Path:
        """Where a trip is made; what it wrote stays there."""
        return self.folder / f"{way.lower().replace(' ', '-')}-{keys}-{heap or 'default'}"


@dataclass(frozen=True)
class Three:
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
        made = [trip for trip in (self.hand, self.duck, self.ours) if trip]
        return "; ".join(dict.fromkeys(trip.failed for trip in made if trip.failed))


def stage_seconds(name: str) -> Callable[[Trip], float | None]:
    """What a stage took of a trip."""
    return lambda trip: trip.stages.get(name)


def process_lines(three: Three, jobs: int) -> list[Line]:
    """Return the lines of Spark jobs, of which so many are wanted, memory and processors."""
    by_stage = ", ".join(f"{stage} {n}" for stage, n in three.ours.stage_jobs.items())
    counted = three.line("Spark jobs", lambda trip: trip.jobs, jobs, of_ratio=False, unit="")
    return [
        replace(counted, note=f"Spark jobs of {by_stage}." if by_stage else ""),
        three.line("peak memory of the process", lambda trip: trip.peak, unit="MB"),
        three.line("processor time", lambda trip: trip.cpu),
    ]
