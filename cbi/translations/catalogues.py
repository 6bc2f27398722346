"""Keeps catalogues equal to what the code says: what there is to translate, what changed, and what was compiled."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from cbi.paths import bundled

FOLDER = Path(__file__).resolve().parent
WORLDS = ("office", "protection")
KEYWORDS = {"_": None, "_l": None, "_n": (1, 2), "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_CODE = FOLDER.parent
_ROOM = "protection"
# Below the room: modules and templates it shares with the office, whose words are in both catalogues.
SHARED = (
    "cbi/app.py",
    "cbi/errors.py",
    "cbi/web/",
    "cbi/checks/apart.py",
    "cbi/checks/limits.py",
    "cbi/checks/service.py",
    "cbi/people/born.py",
    "cbi/people/correction.py",
    "cbi/people/kept_rows.py",
    "cbi/people/lives.py",
    "cbi/people/lives_homes.py",
    "cbi/people/service.py",
    "cbi/sites/instrument.py",
    "cbi/sites/service.py",
    "cbi/sites/standing.py",
    "cbi/transfers/arrangements.py",
    "cbi/transfers/receiving.py",
    "templates/base",
    "templates/frame.html",
    "templates/errors/",
    "templates/home/",
    "templates/pieces/",
)


def extracted(world: str) -> Catalog:
    """Every word the pages of one world can say."""
    found = Catalog(charset="utf-8", project="cbi-manager")
    options = _template_options()
    for name, path in _sources():
        if not belongs(name, world):
            continue
        method = "python" if path.suffix == ".py" else "jinja2"
        for _line, words, _comments, context in extract_from_file(method, path, keywords=KEYWORDS, options=options[method]):
            found.add(words, locations=[(name, 0)], context=context)
    return found


def belongs(name: str, world: str) -> bool:
    """Whether the words of this source are said in that world: the office never holds those of the room."""
    in_room = _ROOM in Path(name).parts
    return in_room or name.startswith(SHARED) if world == _ROOM else not in_room


def languages(world: str) -> Sequence[str]:
    """The languages one world is translated into."""
    return sorted(path.parent.parent.name for path in (FOLDER / world).glob("*/LC_MESSAGES/messages.po"))


def po_file(world: str, language: str) -> Path:
    """Where the translation of one world into one language is written."""
    return FOLDER / world / language / "LC_MESSAGES" / "messages.po"


def read(world: str, language: str) -> Catalog:
    """The translation of one world into one language, as it is written."""
    with po_file(world, language).open("rb") as file:
        return read_po(file, locale=language)


def refresh(world: str, language: str) -> Catalog:
    """Bring a catalogue up to what the code says now, and compile it. What nobody says any more is dropped."""
    kept = read(world, language)
    kept.update(extracted(world), no_fuzzy_matching=True, keep_user_comments=True, update_creation_date=False)
    po_file(world, language).write_bytes(written(kept))
    po_file(world, language).with_suffix(".mo").write_bytes(compiled(kept))
    return kept


def written(catalogue: Catalog) -> bytes:
    """The catalogue as a file that changes only where words change: no line numbers, no folding, one order."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as the program reads it. Words without a translation stay out, so the page says them in English."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """The words that have no translation yet, or one that is still doubted."""
    return sorted(str(message.id) for message in catalogue if message.id and (message.fuzzy or not _whole(message.string)))


def _whole(words: str | Sequence[str] | None) -> bool:
    return bool(words) if words is None or isinstance(words, str) else all(words)


def _sources() -> Iterator[tuple[str, Path]]:
    for root, pattern, said in ((_CODE, "*.py", "cbi"), (bundled("templates"), "*.html", "templates")):
        for path in sorted(root.rglob(pattern)):
            inside = path.relative_to(root).as_posix()
            if not inside.startswith(("_bundled/", "store/migrations/")):
                yield f"{said}/{inside}", path


def _template_options() -> dict[str, dict[str, str]]:
    settings = ConfigParser()
    settings.read(FOLDER / "extract.ini", encoding="utf-8")
    return {section.split(":")[0]: dict(settings[section]) for section in settings.sections()}
