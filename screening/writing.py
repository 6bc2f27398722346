"""Writes the TOML of an instrument; only what an instrument holds: texts, whole numbers, yes and no, lists and tables of them."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def toml(content: Mapping[str, object]) -> str:
    """A file that reads back as this content. Comments are no content: they are lost."""
    return "\n".join(_lines(content, ())).strip() + "\n"


def entry(kind: str, content: Mapping[str, object]) -> str:
    """One entry of a list of tables, as it stands in a file: "[[item]]" and its lines."""
    return toml({kind: [content]})


def _lines(table: Mapping[str, object], path: tuple[str, ...]) -> Iterable[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping) or (len(path) == 0 and _is_tables(value))}
    yield from (f"{_key(key)} = {_value(value)}" for key, value in table.items() if key not in inner)
    for key, value in inner.items():
        here = (*path, key)
        name = ".".join(map(_key, here))
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]", *_lines(cast("Mapping[str, object]", value), here))
            continue
        for one in cast("Sequence[Mapping[str, object]]", value):
            yield from ("", f"[[{name}]]", *(f"{_key(field)} = {_value(told)}" for field, told in one.items()))


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        if _is_tables(value):
            return "[\n" + "".join(f"  {_value(one)},\n" for one in value) + "]"
        return "[" + ", ".join(map(_value, value)) + "]"
    # JSON's escapes are those of TOML's basic strings, but for DEL.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False).replace("\x7f", "\\u007f")
