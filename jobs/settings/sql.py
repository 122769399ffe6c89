"""A piece of Spark SQL -> the columns it reads, the functions it calls, or where it stops being SQL; no JVM.

sqlglot parses it, by a grammar cut down to Spark's: every function is kept under the name as it is written,
with whatever arguments, so that only the list of Spark's own functions says what there is. What Spark's
grammar has and sqlglot's lacks is put in words that both have (`_common`). What then does not parse is
refused: all examples of Spark's own documentation do (tests/settings/test_sql.py).
"""

import re
import typing as t
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import Token, TokenType, exp
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.databricks import DatabricksParser

from jobs.settings.model import value_text

# Arguments in words (`CAST(a AS int)`): the parser of a function cannot read them without these.
_IN_WORDS = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "POSITION", "OVERLAY")
# They take a unit first, which looks like a column.
_WITH_UNIT = frozenset(
    {"timestampadd", "timestampdiff", "dateadd", "datediff", "date_add", "date_diff"}
)  # fmt: skip
_UNITS = frozenset(
    "year quarter month week day dayofyear hour minute second millisecond microsecond".split()  # noqa: SIM905
)
# Functions that Spark also finds without brackets.
_BARE = frozenset(
    "current_date current_timestamp current_time current_user localtimestamp session_user user".split()  # noqa: SIM905
)
_NESTED = ("array", "map", "struct")
_OPERATORS = frozenset("( , = == <> != < > <= >= <=> + - * / % || & | ^ ~ ! and or not".split())  # noqa: SIM905
_AFTER_OPERAND = frozenset(") , = == <> != < > <= >= <=> + - * / % || & | ^ . [ :: and or is in like".split())  # noqa: SIM905


class _Parser(DatabricksParser):
    FUNCTIONS: t.ClassVar[dict[str, t.Any]] = {}
    FUNCTION_PARSERS: t.ClassVar[dict[str, t.Any]] = {
        name: DatabricksParser.FUNCTION_PARSERS[name] for name in _IN_WORDS
    }
    NO_PAREN_FUNCTIONS: t.ClassVar[dict[t.Any, t.Any]] = {}


class _Spark(Databricks):
    """Spark's dialect as Databricks extends it: Spark 4 reads variants by `a:b` too."""

    Parser = _Parser


class SqlError(ValueError):
    """A text that is not an expression of Spark SQL; the message says where."""


@dataclass(frozen=True)
class Reference:
    """A column that an expression reads: its names from the outermost on, and whether the first is quoted."""

    names: tuple[str, ...]
    quoted: bool


@dataclass(frozen=True)
class Parsed:
    """What an expression reads and calls; `misplaced` names what only a query may hold."""

    references: tuple[Reference, ...]
    functions: tuple[str, ...]
    misplaced: tuple[str, ...]


def parsed(sql: str, named: bool = False) -> Parsed:
    """Parse one expression; `named`: it may be given a name, as in `a AS b`.

    Raises:
        SqlError: it is none.
    """
    tree = _tree(sql, named)
    tree = tree.this if isinstance(tree, exp.Alias) else tree
    misplaced = tuple(dict.fromkeys(_misplaced(tree)))
    references = () if "a subquery" in misplaced else tuple(dict.fromkeys(_references(tree)))
    return Parsed(references, tuple(dict.fromkeys(_functions(tree))), misplaced)


def _tree(sql: str, named: bool) -> exp.Expression:
    try:
        tokens = _Spark().tokenize(sql)
    except TokenError as error:
        raise SqlError(f"is not valid Spark SQL ({_unclosed(error)}), got {value_text(sql)}") from None
    if not tokens or any(token.token_type == TokenType.SEMICOLON for token in tokens):
        raise SqlError(f"must be one expression of Spark SQL, got {value_text(sql)}")
    into = exp.Expr if named else exp.Condition
    first: ParseError | None = None
    # As it stands first: `>>>` also closes a type within a type within a type.
    for attempt in (tokens, _common(tokens), _names_quoted(_common(tokens))):
        try:
            (tree,) = _Spark().parser().parse_into(into, attempt, sql)
        except ParseError as error:
            first = first or error
        else:
            if tree is not None:
                return t.cast(exp.Expression, tree)
    raise SqlError(f"is not valid Spark SQL{_where(first, sql)}, got {value_text(sql)}")


def _unclosed(error: TokenError) -> str:
    """The character that would close what was begun."""
    match = re.match(r"Missing (\S+) from", str(error))
    return f"{match[1]} is never closed" if match else "a text or comment is never closed"


def _where(error: ParseError | None, sql: str) -> str:
    """The place of a mistake in words: what sqlglot reports is the last piece that it could take."""
    if error is None or not error.errors:
        return ""
    detail = error.errors[0]
    piece, after, description = detail["highlight"], detail["end_context"], detail["description"] or ""
    expects = re.match(r"Expect(?:ing|ed) (\S+)", description)
    missing = f"; {expects[1]} is missing" if expects else ""
    if not after.strip() and (expects or description.startswith("Required")):
        return f": it ends too early{missing}"
    line = f"line {detail['line']}, " if "\n" in sql.strip() else ""
    # sqlglot counts to the last character of the piece.
    column = detail["col"] - len(piece) + 1
    return f", at {line}character {column} ({value_text(piece)}){missing}"


def _common(tokens: list[Token]) -> list[Token]:
    """Spark's own words put in ones that sqlglot knows: `>>>`, `X '1F'` with a blank, the type void."""
    common: list[Token] = []
    for n, token in enumerate(tokens):
        before = common[-1].text.lower() if common else ""
        after = tokens[n + 1] if n + 1 < len(tokens) else None
        is_hex = token.token_type == TokenType.VAR and token.text.lower() == "x"
        if (is_hex and after and after.token_type == TokenType.STRING) or _is_third(n, tokens):
            continue
        if token.text.lower() == "void" and before in ("as", "::", ":", "<"):
            token = _changed(token, TokenType.TEXT, "string")
        common.append(token)
    return common


def _is_third(n: int, tokens: list[Token]) -> bool:
    """Whether the token is the last of `>>>`; three that close types stand within as many `<` of theirs."""
    three = tokens[n - 2 : n + 1] if n > 1 else []
    if [token.token_type for token in three] != [TokenType.GT] * 3:
        return False
    before = tokens[: n - 2]
    opened = sum(
        token.token_type == TokenType.LT and name.text.lower() in _NESTED for name, token in pairwise(before)
    )
    closed = sum(token.token_type == TokenType.GT for token in before)
    return opened <= closed and all(left.end + 1 == right.start for left, right in pairwise(three))


def _names_quoted(tokens: list[Token]) -> list[Token]:
    """Words of the language that stand where a column must: Spark has no reserved words."""
    quoted = []
    for n, token in enumerate(tokens):
        before = tokens[n - 1].text.lower() if n else "("
        after = tokens[n + 1].text.lower() if n + 1 < len(tokens) else ")"
        is_name = token.text.isidentifier() and token.token_type not in (
            TokenType.STRING,
            TokenType.IDENTIFIER,
        )
        stands = before in _OPERATORS and after in _AFTER_OPERAND and token.text.lower() not in _OPERATORS
        quoted.append(_changed(token, TokenType.IDENTIFIER, token.text) if is_name and stands else token)
    return quoted


def _changed(token: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, line=token.line, col=token.col, start=token.start, end=token.end)


def _references(tree: exp.Expression) -> Iterator[Reference]:
    for column in tree.find_all(exp.Column):
        parts = [part for part in column.parts if not isinstance(part, exp.Star)]
        names = [part.name for part in parts]
        dot = column.parent
        while isinstance(dot, exp.Dot) and isinstance(dot.expression, exp.Identifier):
            names.append(dot.expression.name)
            dot = dot.parent
        if names and not _is_word(column, names):
            yield Reference(tuple(names), bool(parts[0].args.get("quoted")))


def _is_word(column: exp.Column, names: list[str]) -> bool:
    """Whether it is no column after all, but a unit or a function without brackets."""
    call, name = column.parent, names[0].lower()
    if len(names) > 1 or column.this.args.get("quoted"):
        return False
    if isinstance(call, exp.Anonymous) and call.name.lower() in _WITH_UNIT and name in _UNITS:
        return call.expressions[0] is column and len(call.expressions) == 3
    return name in _BARE


def _functions(tree: exp.Expression) -> Iterator[str]:
    """Names of functions as written; one that a catalog or schema is named of is not ours to know."""
    for call in tree.find_all(exp.Anonymous, exp.Any):
        of_schema = isinstance(call.parent, exp.Dot) and call.parent.expression is call
        operand = (
            call.find_ancestor(exp.Like, exp.ILike, exp.RegexpLike) if isinstance(call, exp.Any) else None
        )
        if not of_schema and operand is None:
            yield "any" if isinstance(call, exp.Any) else call.name


def _misplaced(tree: exp.Expression) -> Iterator[str]:
    if tree.find(exp.Query, exp.Table):
        yield "a subquery"
    if tree.find(exp.Window):
        yield "a window (OVER)"
    if isinstance(tree, exp.Star) or (isinstance(tree, exp.Column) and isinstance(tree.this, exp.Star)):
        yield "a star"
