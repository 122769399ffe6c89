"""Two values of a column -> both as exact decimals in one unit, so that their distance is exact too."""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.spark.column_types import Kind

_DIGITS = 38
_DAY, _HOUR, _MINUTE, _SECOND = 86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000
MICROS = {"day": _DAY, "hour": _HOUR, "minute": _MINUTE, "second": _SECOND, "millisecond": 1_000}


@dataclass(frozen=True)
class Pair:
    """Two decimals of `precision` and `scale` that count `unit`s (0.000001 of a second, of stamps)."""

    left: Column
    right: Column
    precision: int
    scale: int = 0
    unit: Decimal = Decimal(1)

    # NOTE: no abs and no minus sign, since Spark rounds a negated decimal to 34 digits; subtraction is exact.
    @property
    def distance(self) -> Column:
        """How far apart, in units; null where one is null, or further apart than 38 digits can say."""
        are_there = self.left.isNotNull() & self.right.isNotNull()
        apart = F.try_subtract(F.greatest(self.left, self.right), F.least(self.left, self.right))
        return F.when(are_there, apart)

    @property
    def larger(self) -> Column:
        """The larger of the two magnitudes, in units."""
        zero = F.lit(0).cast(f"decimal({self.precision},{self.scale})")
        return F.greatest(self.left, self.right, zero - self.left, zero - self.right)

    def within(self, bound: Decimal) -> Column:
        """Whether they are at most `bound` apart; null where one of them is null."""
        with localcontext(prec=500):
            # The distance has no digits beyond its scale, so neither needs the bound.
            units = (bound / self.unit).quantize(Decimal(1).scaleb(-self.scale), ROUND_FLOOR)
            largest = Decimal(10) ** (_DIGITS - self.scale) - Decimal(1).scaleb(-self.scale)
        if units > largest:
            return self.left.isNotNull() & self.right.isNotNull()
        return self.distance <= F.lit(str(units)).cast(f"decimal({_DIGITS},{self.scale})")

    def within_part(self, part: Decimal) -> Column:
        """Whether they are at most `part` of the larger magnitude apart; null where one of them is null.

        Exact as long as the digits fit into 38; beyond, the bound (never the difference) is a double.
        """
        scale = max(0, -int(part.as_tuple().exponent))
        whole = max(0, part.adjusted() + 1)
        if self.precision + 1 + scale + whole > _DIGITS:
            return self.distance.cast("double") <= self.larger.cast("double") * float(part)
        factor = F.lit(str(part)).cast(f"decimal({max(1, scale + whole)},{scale})")
        return self.distance <= self.larger * factor


def numbers(left: Column, right: Column, kind: Kind) -> Pair:
    """Return two integers or decimals as a pair, whatever their digits."""
    if kind.precision < _DIGITS or kind.scale <= 6:
        type_ = f"decimal({kind.precision},{kind.scale})"
        return Pair(left.cast(type_), right.cast(type_), kind.precision, kind.scale)
    # A difference of decimal(38,18) would need 39 digits and Spark rounds it. So the point is taken out.
    unit = Decimal(1).scaleb(-kind.scale)
    return Pair(_unscaled(left, kind), _unscaled(right, kind), _DIGITS, unit=unit)


def stamps(left: Column, right: Column, kind: Kind, precision: str | None = None) -> Pair:
    """Return two dates or stamps as a pair in microseconds, cut down to whole `precision` (of UTC)."""

    def exact(column: Column) -> Column:
        micros = _micros(column, kind)
        return micros - F.pmod(micros, _count(MICROS[precision])) if precision else micros

    return Pair(exact(left), exact(right), 25, unit=Decimal("0.000001"))


def _micros(column: Column, kind: Kind) -> Column:
    """Microseconds since 1970 of the instant or the wall clock, whatever the session's zone."""
    if kind.family == "timestamp":
        return F.unix_micros(column).cast("decimal(20,0)")
    # In decimals, since a bigint does not reach the last years that a date does.
    days = F.unix_date(column.cast("date")).cast("decimal(10,0)") * _count(_DAY)
    if kind.family == "date":
        return days
    seconds = F.date_part(F.lit("SECOND"), column) * _SECOND
    minutes = F.hour(column).cast("bigint") * _HOUR + F.minute(column).cast("bigint") * _MINUTE
    return days + (minutes + seconds.cast("bigint")).cast("decimal(12,0)")


def _count(micros: int) -> Column:
    return F.lit(micros).cast("decimal(11,0)")


def _unscaled(column: Column, kind: Kind) -> Column:
    # Not by a cast to text, which writes 1E-18 or all zeros, as ANSI is off or on.
    text = F.call_function("format_number", column, F.lit("0." + "0" * kind.scale))
    return F.replace(text, F.lit("."), F.lit("")).cast(f"decimal({_DIGITS},0)")
