"""What a Delta writer raised -> why a repair failed, whole, on one line, without the rows that it shows."""

from collections.abc import Mapping

_CONSTRAINT = "delta.constraints."
_ROWS = "Preview of invalid data"
_WRAPPED = ("Generic DeltaTable error: ", "External error: ")


def cause(error: Exception, configuration: Mapping[str, str | None]) -> str:
    """Return why the table does not take a row.

    In: `configuration` of the table; its check constraints are named where one of them is not met, since the
    writer does not say which.
    """
    text = " ".join(str(error).partition(_ROWS)[0].split()) or type(error).__name__
    for wrapping in _WRAPPED:
        text = text.removeprefix(wrapping)
    checks = [
        f"{name.removeprefix(_CONSTRAINT)}: {check}"
        for name, check in sorted(configuration.items())
        if name.startswith(_CONSTRAINT)
    ]
    if "validation check" in text and checks:
        return f"The table's constraints are not met ({'; '.join(checks)}). The writer: {text}"
    return text
