"""Trusted SQL that says `data.note` -> SQL over flat helper columns, and its value or that it failed."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

_NAME = r"(?:`(?:[^`]|``)+`|[A-Za-z_]\w*)"
_TOKEN = re.compile(
    rf"""(?P<other> [rR]'[^']*' | [rR]"[^"]*"                     # raw literals know no escapes
          | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | --[^\n]* | /\*.*?\*/ | \d[\w.]* )
      | (?<![.\w]) (?P<chain> (?> {_NAME} (?: \s*\.\s* {_NAME} )* ) ) (?! \w | \s*\( )""",
    re.VERBOSE | re.DOTALL,
)
_PART = re.compile(_NAME)


@dataclass(frozen=True)
class Rewritten:
    """SQL over helper columns, and the paths those columns hold in the order they are first named."""

    text: str
    paths: tuple[str, ...]


def helper(path: str) -> str:
    """The name of the column that holds the text at a path; `$.` keeps it apart from a frame's own."""
    return f"$.{path}"


def rewritten(sql: str, roots: Collection[str]) -> Rewritten:
    """SQL in which each reference is the backticked helper column of its path.

    A reference is a name, or a dotted chain, that begins with one of the roots (case matters, as it does in
    JSON) or with a backticked name. String literals, comments and names of functions stay as they are.
    """
    paths: dict[str, None] = {}

    def replace(token: re.Match[str]) -> str:
        parts = _PART.findall(token["chain"]) if token["chain"] else []
        if not parts or not (parts[0].startswith("`") or parts[0] in roots):
            return token[0]
        path = ".".join(_plain(part) for part in parts)
        paths[path] = None
        return f"`{helper(path).replace('`', '``')}`"

    return Rewritten(_TOKEN.sub(replace, sql), tuple(paths))


def attempt(sql: str) -> tuple[Column, Column]:
    """The value of trusted SQL as text, and whether computing it failed for this row.

    Under ANSI a bad cast, a division by zero or an overflow throws and would end the job; here it is a fact
    about one record. `try_to_binary` turns whatever its argument throws into null, and the argument never is
    null itself: '0' stands for a null, '=...' for a value. Instants come out in UTC with their zone, whatever
    the session's zone.
    """
    value = f"(\n{sql}\n)"  # on lines of its own, so that a comment at its end does not swallow the bracket
    as_json = (
        f"get_json_object(to_json(named_struct('v', {value}), map('timestampFormat', "
        "'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSSXXX', 'timeZone', 'UTC')), '$.v')"
    )
    text = f"case typeof({value}) when 'timestamp' then {as_json} else cast({value} as string) end"
    caught = F.expr(f"cast(try_to_binary(coalesce(concat('=', {text}), '0'), 'utf-8') as string)")
    return F.when(caught.startswith("="), F.substring(caught, 2, 2**31 - 1)), caught.isNull()


def _plain(part: str) -> str:
    name = part[1:-1].replace("``", "`") if part.startswith("`") else part
    return f"`{name}`" if "." in name else name
