"""Raw mappings -> frozen pydantic models whose every mistake is told in one sentence of our own."""

import difflib
import json
import re
import typing as t
from collections.abc import Iterable
from decimal import Decimal

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

ERROR_TYPE = "tieout"
VALUE_LENGTH = 60
_NONE = "(none)"
_HOUSE_FORM = re.compile(
    r"(?:unknown \w+ (?P<name>.+?)|.*?(?:, got (?P<got>.+?))?)"
    r"(?:; (?:allowed|known): (?P<words>.*?))?(?:; did you mean '.*'\?)?",
    re.DOTALL,
)

_MESSAGES = {
    "missing": "is required",
    "string_type": "must be text (quote it)",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of names to values",
    "model_attributes_type": "must be a mapping of names to values",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}
_TOO_SHORT = ("too_short", "string_too_short")
_FAMILIES = {
    "bool": "must be true or false",
    "int": "must be a whole number",
    "float": "must be a number",
    "decimal": "must be a number",
    "finite": "must be a finite number",
    "is_instance": "is not of the right kind",
}
_BOUNDS = {
    "greater_than": ("must be more than", "gt"),
    "greater_than_equal": ("must be at least", "ge"),
    "less_than": ("must be less than", "lt"),
    "less_than_equal": ("must be at most", "le"),
}


class Model(BaseModel):
    """Base of all settings: frozen, unknown keys refused with the known ones named."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    also_known: t.ClassVar[tuple[str, ...]] = ()
    when_missing: t.ClassVar[dict[str, str]] = {}
    # What to give a key that has nothing behind it: by the key, or `key.*` for what stands below it.
    when_empty: t.ClassVar[dict[str, str]] = {}

    @model_validator(mode="wrap")
    @classmethod
    def _tell(cls, data: t.Any, handler: ModelWrapValidatorHandler[t.Self]) -> t.Self:
        try:
            return handler(data)
        except ValidationError as error:
            details = [_in_house_form(detail, cls) for detail in error.errors(include_url=False)]
            # `from None`: the first telling holds nothing that the second does not.
            raise ValidationError.from_exception_data(cls.__name__, details) from None


class Placed(Model):
    """A model that knows where its settings stand, for messages of a run; not part of what it says."""

    _places: dict[tuple[str | int, ...], str] = PrivateAttr(default_factory=dict)

    def place(self, loc: tuple[str | int, ...]) -> str:
        """A setting as people find it: `target.where in conf/datasets/orders.yml:35`."""
        return self._places.get(loc) or ".".join(map(str, loc))

    def stand_at(self, places: dict[tuple[str | int, ...], str]) -> None:
        """Take note of the places of settings."""
        self._places.update(places)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and dict(self) == dict(t.cast(BaseModel, other))

    __hash__ = Model.__hash__


def wrong(what: str, got: t.Any = ..., allowed: Iterable[str] = ()) -> PydanticCustomError:
    """A mistake in the house form: ``what, got X; allowed: a, b`` with the closest word suggested."""
    return PydanticCustomError(ERROR_TYPE, sentence(what, got, allowed))


def sentence(what: str, got: t.Any = ..., allowed: Iterable[str] = ()) -> str:
    """The text of a mistake; ``got`` is shown bounded, ``allowed`` in full."""
    choices = list(allowed)
    text = what if got is ... else f"{what}, got {value_text(got)}"
    if choices:
        text += f"; allowed: {', '.join(choices)}{closest(got, choices)}"
    return text


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The text for a name that is not there, with the known ones and the closest of them."""
    names = list(known)
    return f"unknown {kind} {value_text(name)}; known: {', '.join(names) or _NONE}{closest(name, names)}"


def taken_apart(text: str) -> dict[str, t.Any]:
    """A text of `sentence` or `unknown` -> the `value` that is wrong, as shown, and the `allowed` ones.

    Each is null where the text has none.
    """
    match = _HOUSE_FORM.fullmatch(text)
    got, choices = (match["got"] or match["name"], match["words"]) if match else (None, None)
    quoted = got is not None and len(got) > 1 and got[0] == got[-1] == "'"
    return {
        "value": got[1:-1] if got and quoted else got,
        "allowed": None if choices is None else [] if choices == _NONE else choices.split(", "),
    }


def closest(name: t.Any, choices: Iterable[str]) -> str:
    """``; did you mean 'x'?`` when one of the words is near enough, else nothing."""
    if not isinstance(name, str):
        return ""
    by_lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""


def value_text(value: t.Any) -> str:
    """A value as a message shows it: quoted text, JSON for the rest, cut at 60 characters."""
    if isinstance(value, Decimal):
        text = str(value)
    else:
        text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


def _in_house_form(detail: ErrorDetails, model: type[Model]) -> InitErrorDetails:
    text = detail["msg"] if detail["type"] == ERROR_TYPE else _say(detail, model)
    if detail["input"] is None and _hint(detail, model):
        text = _empty(detail, model)  # the owner knows better than the model below what belongs there
    custom = PydanticCustomError(ERROR_TYPE, text)
    return InitErrorDetails(type=custom, loc=detail["loc"], input=detail["input"])


def _empty(detail: ErrorDetails, model: type[Model]) -> str:
    """The text for a key that was begun and left."""
    if detail["type"] == "literal_error":
        return sentence("is empty", allowed=_literals(detail))
    hint, place = _hint(detail, model), detail["loc"]
    if hint is None and not place:
        hint = "give its keys, or leave it out"
    elif hint is None:
        field = model.model_fields.get(str(place[0])) if len(place) == 1 else None
        optional = field is not None and not field.is_required()
        hint = "give it a value, or leave it out" if optional else "it needs a value"
    return f"is empty; {hint}"


def _hint(detail: ErrorDetails, model: type[Model]) -> str | None:
    names = [str(step) for step in detail["loc"] if not isinstance(step, int)]
    if len(names) > 2 or not names:
        return None
    return model.when_empty.get(names[0] if len(names) == 1 else f"{names[0]}.*")


def _literals(detail: ErrorDetails) -> list[str]:
    expected = str(detail.get("ctx", {})["expected"])
    return [literal.strip("' ") for literal in expected.replace(" or ", ", ").split(", ")]


def _say(detail: ErrorDetails, model: type[Model]) -> str:
    kind, got, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown("key", str(detail["loc"][-1]), [*model.model_fields, *model.also_known])
    if got is None or (kind in _TOO_SHORT and _hint(detail, model)):
        return _empty(detail, model)
    if kind == "missing":
        return _MESSAGES[kind] + model.when_missing.get(str(detail["loc"][-1]), "")
    if kind == "literal_error":
        return sentence("is not one of the known values", got, _literals(detail))
    if kind in _BOUNDS:
        text, bound = _BOUNDS[kind]
        return sentence(f"{text} {context[bound]:g}", got)
    family = next((text for start, text in _FAMILIES.items() if kind.startswith(start)), detail["msg"])
    return sentence(_MESSAGES.get(kind, family), got)
