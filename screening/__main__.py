"""The delivery check from a shell: is an instrument sound, and what do these answers come to?

Exit 0: done. 1: unsound, or a band that needs a person. 2: wrong use or unreadable input, in one plain sentence.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from screening.answers import UnreadableAnswers, parse_household, parse_site
from screening.assess import assess_household, assess_site
from screening.assessment import Assessment, Context, SiteAssessment
from screening.check import check_instrument, load
from screening.instrument import Instrument
from screening.reading import UnreadableInstrument

DONE, NEEDS_A_PERSON, UNREADABLE = 0, 1, 2
_DEFAULT = "delivery-safety-check"
_KEYS = {"kind", "instrument", "answers", "context"}
_CONTEXT_KEYS = {"mechanism", "available"}
_LARGEST_BYTES = 1_000_000


class UnreadableFile(Exception):
    """A file of answers that cannot be used; the text completes "You need to …"."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A file of answers as far as it can be read without the instrument."""

    kind: str
    instrument: str | None
    answers: dict[str, object]
    context: dict[str, object]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Refuse wrong use in one sentence."""
        _say(f"You need to write the command as shown by --help ({message}).")
        sys.exit(UNREADABLE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return (
            _check(options.instrument) if options.command == "check" else _assess(options.answers, options.instrument, as_json=options.json)
        )
    except UnreadableFile as error:
        _say(f"You need to {error}.")
    except UnreadableAnswers as error:
        _say("; ".join(f"You need to {problem}" for problem in error.problems) + ".")
    except UnreadableInstrument as error:
        _say("; ".join(str(mistake) for mistake in error.mistakes) + ".")
    return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m screening", description="The delivery check: is it sound, and what do answers come to?")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    check = commands.add_parser("check", help="find every mistake of an instrument")
    check.add_argument("instrument", help="a shipped name or a path to its folder")
    assess = commands.add_parser("assess", help="assess one file of answers")
    assess.add_argument("answers", help="a JSON file")
    assess.add_argument("--instrument", help="a shipped name or a path to its folder")
    assess.add_argument("--json", action="store_true", help="write the result to standard output as JSON")
    return parser


def _check(name: str) -> int:
    mistakes = check_instrument(name)
    for mistake in mistakes:
        _say(str(mistake))
    if any(mistake.place == "instrument" for mistake in mistakes):
        return UNREADABLE
    if mistakes:
        return NEEDS_A_PERSON
    instrument = load(name)
    _say(f"{instrument.name} {instrument.version}: no mistake found. {instrument.notice}")
    return DONE


def _assess(file: str, name: str | None, *, as_json: bool) -> int:
    asked = _read(Path(file))
    instrument = load(name or asked.instrument or _DEFAULT)
    if asked.instrument not in (None, instrument.name, name):
        raise UnreadableFile(f"use the instrument the answers belong to, not {instrument.name}")
    if asked.kind == "site":
        return _finish(instrument, assess_site(instrument, parse_site(instrument, asked.answers)), as_json=as_json)
    answers = parse_household(instrument, asked.answers)
    return _finish(instrument, assess_household(instrument, answers, _context(instrument, asked.context)), as_json=as_json)


def _finish(instrument: Instrument, assessment: Assessment | SiteAssessment, *, as_json: bool) -> int:
    if as_json:
        sys.stdout.write(json.dumps(assessment.to_json(), ensure_ascii=False) + "\n")
    else:
        _tell(instrument, assessment)
    return NEEDS_A_PERSON if assessment.band.needs_a_person else DONE


def _tell(instrument: Instrument, assessment: Assessment | SiteAssessment) -> None:
    _say(instrument.band_name(assessment.band))
    for reason in assessment.reasons:
        _say(f"- {reason}")
    if isinstance(assessment, SiteAssessment):
        for fix in assessment.fixes:
            held = " (holds the distribution up)" if fix in assessment.blocking else ""
            _say(f"To put right: {instrument.fix(fix).title}{held}")
        return
    for measure in assessment.measures:
        _say(f"To offer: {instrument.measure(measure).title}")
    for blocked in assessment.blocked:
        _say(f"Not before a talk: {instrument.measure(blocked.measure).title} ({blocked.by})")
    _say(f"Counted for nothing: {', '.join(assessment.ignored) or '-'}")


def _read(path: Path) -> Asked:
    content = _content(path)
    if not isinstance(content, dict) or not set(content) <= _KEYS:
        raise UnreadableFile(
            'write the file as {"kind": "household", "answers": {"H05": "no"}}, with "instrument" and "context" beside them if needed'
        )
    kind, name = content.get("kind"), content.get("instrument")
    answers, context = content.get("answers"), content.get("context") or {}
    if kind not in ("household", "site"):
        raise UnreadableFile('say which kind of answers these are: "kind": "household" or "kind": "site"')
    if not isinstance(answers, dict):
        raise UnreadableFile('give the answers by item, for example "answers": {"H05": "no"}')
    if name is not None and not isinstance(name, str):
        raise UnreadableFile(f'name the instrument as text, for example "{_DEFAULT}"')
    if not isinstance(context, dict) or not set(context) <= _CONTEXT_KEYS:
        raise UnreadableFile('write the context as {"mechanism": "cash_agent", "available": ["M_DATE"]}')
    return Asked(kind, name, answers, context)


def _content(path: Path) -> object:
    try:
        if path.is_file() and path.stat().st_size > _LARGEST_BYTES:
            raise UnreadableFile("give the answers of one check, in a file smaller than 1 MB")
        if not path.is_file():
            raise UnreadableFile("name a file of answers that exists")
        return json.loads(path.read_bytes().decode("utf-8-sig"), object_pairs_hook=_once)
    except OSError:
        raise UnreadableFile("name a file of answers that can be read") from None
    except UnicodeDecodeError:
        raise UnreadableFile("save the file as UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise UnreadableFile(f"write the file as JSON; look at line {error.lineno}, column {error.colno}") from None
    except (RecursionError, ValueError):
        raise UnreadableFile("write the answers as texts and lists of texts only, without deep nesting or endless numbers") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise UnreadableFile("answer every item once; one is named twice in the file")
    return content


def _context(instrument: Instrument, context: dict[str, object]) -> Context:
    mechanism, available = context.get("mechanism"), context.get("available")
    if mechanism is not None and mechanism not in instrument.mechanisms:
        raise UnreadableFile(f"choose the mechanism from: {', '.join(instrument.mechanisms)}")
    if available is None:
        return Context(mechanism=mechanism if isinstance(mechanism, str) else None)
    known = {measure.id for measure in instrument.measures}
    if not isinstance(available, list) or not all(isinstance(one, str) and one in known for one in available):
        raise UnreadableFile('list the available measures by their ids, for example ["M_DATE", "M_MECH"]')
    return Context(mechanism=mechanism if isinstance(mechanism, str) else None, available=frozenset(available))


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


if __name__ == "__main__":
    sys.exit(main())
