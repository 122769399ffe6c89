"""A column in PostgreSQL's catalogue -> the SQL that reads, writes and compares it without loss."""

from dataclasses import dataclass

from jobs.storage.delta_query import quoted

_NUMERIC_HEADER, _SCALE_BITS = 4, 0x7FF
_MOST_DIGITS = 38
_WIDE = (_MOST_DIGITS, 18)
_AS_THEY_ARE = ("int2", "int4", "int8", "bool", "float4", "float8", "bytea")
_STAMPS = ("timestamptz", "timestamp")
FINITE = ("date", *_STAMPS)
# Equal as values though their text may differ (12.5 and 12.50); all others are equal where their text is.
_BY_VALUE = (
    "int2",
    "int4",
    "int8",
    "numeric",
    "float4",
    "float8",
    "bool",
    "bytea",
    "bpchar",
    "uuid",
    *FINITE,
)
WHOLE = ("int2", "int4", "int8")


@dataclass(frozen=True)
class DbColumn:
    """A column as the catalogue describes it; of a domain, `base` and what follows are of what lies below.

    `base` is the name of a type of PostgreSQL's own, empty for any other; `type` and `declared` are that type
    as SQL writes it, without and with its modifier.
    """

    name: str
    base: str
    modifier: int
    type: str
    declared: str
    readable: bool = True
    required: bool = False
    generated: bool = False

    @property
    def quoted(self) -> str:
        """The name as SQL writes it."""
        return quoted(self.name)

    @property
    def doubt(self) -> str | None:
        """SQL that is true of a value which Spark's type cannot hold: not a number, infinite, too long."""
        name = self.quoted
        if self.base == "numeric":
            wide = f"{name} >= 1e20 OR {name} <= -1e20 OR scale({name}) > {_WIDE[1]}"
            return f"{name} = 'NaN'" if self._digits else wide
        return f"NOT isfinite({name})" if self.base in FINITE else None

    def wire(self, doubtful: bool) -> str:
        """SQL that reads the column as something that no driver rounds, shifts or refuses.

        Dates and stamps travel as whole days and microseconds, since a driver would read them on the clock
        of its own machine. What Spark has no type for, and a column in which a value is in doubt, is text.
        """
        name = self.quoted
        if self.base in _AS_THEY_ARE:
            return name
        if doubtful:
            return f"{name}::text"
        if self.base == "numeric":
            return name if self._digits else f"{name}::numeric({_WIDE[0]},{_WIDE[1]})"
        if self.base == "date":
            return f"({name} - date '1970-01-01')"
        if self.base in _STAMPS:
            return f"(extract(epoch FROM {name}) * 1000000)::bigint"
        return f"{name}::text"

    @property
    def given(self) -> str:
        """A value given as text, in the column's type, not yet cut to its length or rounded to its scale."""
        return "%s::" + self.type.replace("%", "%%")

    @property
    def named(self) -> str:
        """The name in a statement that takes values."""
        return self.quoted.replace("%", "%%")

    def compared(self, value: str) -> str:
        """What is compared of a value in the column's type: it tells apart whatever the column does."""
        return value if self.base in _BY_VALUE else f'({value})::text COLLATE "C"'

    @property
    def kept(self) -> str | None:
        """SQL that is true of a value, given twice, that the column holds as it is; None where any is."""
        if self.base == "date":
            return f"%s::timestamp IS NOT DISTINCT FROM ({self.given})::timestamp"
        if self.modifier < 0:
            return None
        cut = f"({self.given})::{self.declared.replace('%', '%%')}"
        return f"{self.compared(self.given)} IS NOT DISTINCT FROM {self.compared(cut)}"

    @property
    def _digits(self) -> tuple[int, int] | None:
        """Precision and scale of a numeric, where it has any that Spark's decimal holds as well."""
        if self.modifier < _NUMERIC_HEADER:
            return None
        packed = self.modifier - _NUMERIC_HEADER
        precision, scale = packed >> 16, ((packed & _SCALE_BITS) ^ 1024) - 1024
        return (precision, scale) if precision <= _MOST_DIGITS and 0 <= scale <= precision else None
