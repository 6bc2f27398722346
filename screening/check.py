"""Is an instrument sound? Finds everything that would make it ask the wrong thing, mark the wrong person or stay silent."""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from screening import behaviour, references
from screening.fields import Mistake
from screening.instrument import Instrument
from screening.kinds import Page
from screening.lint import has_list, unsafe_words
from screening.package import Package
from screening.reading import SHIPPED, Files, UnreadableInstrument, gather, languages, locate, read, shipped
from screening.versions import is_version

_ITEM_PLACES = ("{mechanism}",)


def unsound(instrument: Instrument) -> tuple[Mistake, ...]:
    """Every mistake of an instrument that could be read; how it behaves is tried only once its ids all lead somewhere."""
    return tuple(_standing(instrument)) or tuple(behaviour.mistakes(instrument))


def check_instrument(name: str) -> tuple[Mistake, ...]:
    """Every mistake of an instrument in every language it has. name: as for load, or a path."""
    try:
        return check_files(gather(locate(name)))
    except UnreadableInstrument as error:
        return error.mistakes


def check_files(files: Files) -> tuple[Mistake, ...]:
    """Every mistake of an instrument in every language it has, from its files."""
    found = languages(files)
    if not found:
        return (Mistake("languages", 'add the words in at least one language, for example in "en.toml"'),)
    return tuple(dict.fromkeys(mistake for language in found for mistake in _mistakes(files, language)))


def load(name: str = "delivery-safety-check", language: str = "en") -> Instrument:
    """A sound instrument, by its shipped name or a path. Raises UnreadableInstrument with every mistake."""
    if name in shipped():
        return _load_shipped(name, language)
    return _load(gather(locate(name)), language)


@lru_cache(maxsize=32)
def load_package(package: Package, language: str = "en") -> Instrument:
    """A sound instrument out of a package, in one of its languages. Raises UnreadableInstrument with every mistake."""
    return _load(package.as_files(), language)


@lru_cache(maxsize=32)
def open_package(package: Package, language: str = "en") -> Instrument:
    """An instrument that was found sound before, as it was then: what today's check asks besides must not lock its letters up.

    Raises UnreadableInstrument when it cannot be read at all.
    """
    reading = read(package.as_files(), language)
    if reading.instrument is None:
        raise UnreadableInstrument(reading.mistakes)
    return reading.instrument


@cache
def _load_shipped(name: str, language: str) -> Instrument:
    return _load(gather(SHIPPED / name), language)


def _load(files: Files, language: str) -> Instrument:
    reading = read(files, language)
    mistakes = _mistakes(files, language)
    if mistakes or reading.instrument is None:
        raise UnreadableInstrument(mistakes)
    return reading.instrument


def _mistakes(files: Files, language: str) -> tuple[Mistake, ...]:
    reading = read(files, language)
    if reading.instrument is None:
        return reading.mistakes
    if reading.mistakes:
        return (*reading.mistakes, *_standing(reading.instrument))
    return unsound(reading.instrument)


def _standing(instrument: Instrument) -> Iterator[Mistake]:
    if instrument.version and not is_version(instrument.version):
        yield Mistake("instrument.toml, instrument", 'write the version as two numbers, for example version = "1.0"')
    yield from references.mistakes(instrument)
    yield from _wrong_pages(instrument)
    yield from _wording(instrument)


def _wording(instrument: Instrument) -> Iterator[Mistake]:
    place = f"{instrument.language}.toml"
    if not has_list(instrument.language):
        yield Mistake(
            place, f"have a specialist write the list of unsafe words for this language (screening/wording/{instrument.language}.toml)"
        )
    for name, text in _spoken(instrument):
        for word in unsafe_words(text, instrument.language):
            yield Mistake(f"{place}: {name}", f'ask about the way of delivery instead; "{word}" must not be asked')
    for item in instrument.items:
        if "{" in item.wording.replace(_ITEM_PLACES[0], ""):
            yield Mistake(f"{place}: {item.id}", f"use no other placeholder than {_ITEM_PLACES[0]}")


def _spoken(instrument: Instrument) -> Iterator[tuple[str, str]]:
    yield "title", instrument.title
    yield from ((f"implicit option {one.id}", one.text) for one in instrument.implicit)
    for item in instrument.items:
        yield item.id, item.wording
        yield from ((f"{item.id}, {option.id}", option.label) for option in item.options)
    yield from ((item.id, item.wording) for item in instrument.site_items)
    yield from ((one.id, one.title) for one in instrument.measures)
    yield from ((one.id, one.description) for one in instrument.measures)
    yield from ((one.id, one.wording) for one in instrument.session_gates if one.ask == "respondent")


def _wrong_pages(instrument: Instrument) -> Iterator[Mistake]:
    for item in instrument.page(Page.CHOICES):
        place = f"instrument.toml: item {item.id}"
        for is_wrong, fix in _WRONG_ON_CHOICES:
            if is_wrong(instrument, item.id):
                yield Mistake(place, f"move it to the private page: {fix}")
    for item in instrument.page(Page.PRIVATE):
        if any(option.collect for option in item.options):
            yield Mistake(f"instrument.toml: item {item.id}", "collect nothing beside the options: the private page keeps codes only")


def _is_sensitive(instrument: Instrument, item_id: str) -> bool:
    return instrument.item(item_id).sensitivity > 1


def _counts_as_risk(instrument: Instrument, item_id: str) -> bool:
    item = instrument.item(item_id)
    risky = {domain.id for domain in instrument.domains if domain.kind.value == "risk"}
    return item.domain in risky and any(option.points for option in item.options)


def _raises_review(instrument: Instrument, item_id: str) -> bool:
    return any(rule.band.needs_a_person and clause.item == item_id for rule in instrument.rules for clause in rule.clauses)


def _depends_on_an_answer(instrument: Instrument, item_id: str) -> bool:
    relevance = instrument.item(item_id).relevance
    return relevance is not None and relevance.after is not None


_WRONG_ON_CHOICES: tuple[tuple[Callable[[Instrument, str], bool], str], ...] = (
    (_is_sensitive, "its sensitivity is more than 1, and the delivery choices are an ordinary office page"),
    (_counts_as_risk, "it gives points to a risk domain, which only the room may read"),
    (_raises_review, "a concern rests on it, which only the room may read"),
    (_depends_on_an_answer, "what the choices show may not depend on an answer"),
)
