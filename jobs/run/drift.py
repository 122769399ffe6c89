"""What a dedupe counted -> by leg, the fields of records that nothing reads, and those that no record had."""

from collections.abc import Mapping

UNKNOWN, MISSING, OTHERS = "unknown.", "absent.", "unknown_others"
# How many of the records that are refused were refused before, and are judged again.
REFUSED_AGAIN = "refused_again"
_LEGS = ("events", "changes")
Fields = dict[str, dict[str, int]]


def unknown_fields(counts: Mapping[str, int]) -> Fields:
    """Field -> how many records have it, of each leg with any."""
    return _by_leg(counts, UNKNOWN)


def missing_fields(counts: Mapping[str, int]) -> Fields:
    """Place of the mapping -> of how many changes none had it, of each leg with any."""
    return _by_leg(counts, MISSING)


def unnamed_fields(counts: Mapping[str, int]) -> dict[str, int]:
    """How many more fields nothing reads than are named, of each leg with any."""
    return {leg: n for leg in _LEGS if (n := counts.get(f"{leg}.{OTHERS}", 0))}


def _by_leg(counts: Mapping[str, int], prefix: str) -> Fields:
    by_leg = {
        leg: {
            name.removeprefix(f"{leg}.{prefix}"): n
            for name, n in counts.items()
            if name.startswith(f"{leg}.{prefix}")
        }
        for leg in _LEGS
    }
    return {leg: names for leg, names in by_leg.items() if names}
