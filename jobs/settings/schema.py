"""The settings models -> conf/schema/*.schema.json for editors, and docs/configuration.md for people.

``python -m jobs.settings.schema [ROOT]`` writes them; a test holds them in step.
"""

import json
import sys
import typing as t
from pathlib import Path

from jobs.settings import reference
from jobs.settings.dataset import Dataset
from jobs.settings.model import Model
from jobs.settings.project import Environment, TieoutFile
from jobs.settings.source import Source, SourceKeys
from jobs.settings.supplies import CSV_ONLY, DIALECT_ONLY, ENVELOPE_NEEDS, FORMATS, LEG_DIALECTS

Schema = dict[str, t.Any]

FILES: dict[str, type[Model]] = {
    "tieout": TieoutFile,
    "source": Source,
    "dataset": Dataset,
    "environment": Environment,
}
_REFERENCE = {"type": "string", "pattern": r"\$\{.+\}", "description": "A reference: ${vars.x}, ${NAME}."}
_NARROW = ("const", "enum", "pattern")


def schema_of(name: str) -> Schema:
    """The JSON schema (draft 2020-12) of one kind of file: tieout, source, dataset, environment."""
    model = FILES[name]
    schema = t.cast(Schema, _plainer(model.model_json_schema(mode="validation")))
    for definition, dialects in (
        ("EventsLeg", LEG_DIALECTS["events"]),
        ("ChangesLeg", LEG_DIALECTS["changes"]),
    ):
        if definition in schema.get("$defs", {}):
            schema["$defs"] |= _allow_inline(schema["$defs"][definition], dialects)
    required = [*schema.get("required", []), *(["version"] if name != "environment" else [])]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Tieout: {name} file"}
    defs = {**schema.get("$defs", {}), "Reference": _REFERENCE}
    if name == "source":
        schema["allOf"] = _together(FORMATS)
    return {**schema, **head, "required": sorted(set(required)), "$defs": defs}


def generated() -> dict[str, str]:
    """Every generated file: its path in the repository -> its text."""
    schemas = {
        f"conf/schema/{name}.schema.json": json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n"
        for name in FILES
    }
    return {**schemas, "docs/configuration.md": reference.page(FILES)}


def write(root: Path) -> None:
    """Writes every generated file below ``root``."""
    for name, text in generated().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def _plainer(schema: t.Any, name: str = "") -> t.Any:
    """Without pydantic's titles, and with a reference allowed wherever a value of narrow form is."""
    if isinstance(schema, list):
        return [_plainer(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        key: {each: _plainer(below, each) for each, below in value.items()}
        if key in ("properties", "$defs")
        else value
        if key == "default"
        else _plainer(value)
        for key, value in schema.items()
        if key != "title"
    }
    return _or_reference(plain) if name and name != "version" else plain


def _or_reference(schema: Schema) -> Schema:
    narrow = schema.get("type") in ("integer", "number", "boolean") or any(key in schema for key in _NARROW)
    if not narrow:
        return schema
    annotations: Schema = {key: schema[key] for key in ("default", "description") if key in schema}
    form: Schema = {key: value for key, value in schema.items() if key not in annotations}
    return {**annotations, "anyOf": [form, {"$ref": "#/$defs/Reference"}]}


def _together(dialects: t.Iterable[str]) -> list[Schema]:
    """What of a source goes together, as the check has it; nothing is said of what is a reference."""
    foreign = [each for each in FORMATS if each not in dialects]
    rules: list[Schema] = [
        *([{"not": _is("dialect", foreign)}] if foreign else []),
        {"if": _is("format", ["json", "parquet"]), "then": {"properties": dict.fromkeys(CSV_ONLY, False)}},
        {"not": {"required": ["fields", "tables"], "properties": {"tables": {"minProperties": 1}}}},
        {"not": {"required": ["data", "transport"], "properties": {"transport": {"minItems": 1}}}},
    ]
    for dialect in dialects:
        properties: Schema = {"format": _or_reference({"enum": [*FORMATS[dialect]]})}
        properties |= {name: False for name, own in DIALECT_ONLY.items() if dialect not in own}
        needed = {"required": [*ENVELOPE_NEEDS]} if dialect == "envelope" else {}
        rules.append({"if": _is("dialect", [dialect]), "then": {"properties": properties, **needed}})
    return rules


def _is(name: str, values: list[str]) -> Schema:
    return {"properties": {name: {"enum": values}}, "required": [name]}


def _allow_inline(leg: Schema, dialects: t.Iterable[str]) -> Schema:
    """A leg either names a source or holds the keys of a private one; the mappings within those keys."""
    inline = t.cast(Schema, _plainer(SourceKeys.model_json_schema(mode="validation")))
    leg["properties"] |= inline["properties"]
    leg["required"] = [name for name in leg["required"] if name != "source"]
    leg["allOf"] = _together(dialects)
    leg["oneOf"] = [{"required": ["source"]}, {"required": inline["required"]}]
    return t.cast(Schema, inline.get("$defs", {}))


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
