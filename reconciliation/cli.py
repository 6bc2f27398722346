"""The command line of the counting engine: compare two files, or look at one."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from reconciliation import sandbox
from reconciliation.bulk import without_collecting
from reconciliation.sheets import UnreadableFile

WRONG_USE = 2


class _Parser(argparse.ArgumentParser):
    """Refuses wrong use in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Refuse wrong use in one sentence."""
        raise UnreadableFile(f"check the command ({message}); --help shows how it is used")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and answer its exit code: 0 done, 1 needs a person, 2 wrong use or unreadable."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if arguments[:1] == ["look"]:
            return _look(_look_parser().parse_args(arguments[1:]))
        return _reconcile(_reconcile_parser().parse_args(arguments))
    except UnreadableFile as refusal:
        _complain(str(refusal))
        return WRONG_USE
    except OSError:
        _complain("You need to choose a place for the result that can be written to.")
        return WRONG_USE


def _complain(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _reconcile_parser() -> _Parser:
    parser = _Parser(prog="python -m reconciliation", description="Compare what was instructed with what a provider's file says was paid.")
    parser.add_argument("instructed", metavar="INSTRUCTED", help="csv or xlsx with the headings reference, amount, currency")
    parser.add_argument("payout", metavar="PAYOUT", help="the provider's file")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--profile", metavar="NAME", help="a shipped profile, or a profile's TOML file")
    how.add_argument("--map", metavar="MAP.json", help="a column map")
    parser.add_argument("--currency", default="", help="of amounts whose rows do not name one")
    parser.add_argument("--out", metavar="OUT.xlsx", help="write the exceptions here")
    parser.add_argument("--errors", metavar="ERR.xlsx", help="write the provider's file back with its wrong cells marked")
    parser.add_argument("--findings", action="store_true", help="with --json: every finding with its rows")
    _shared(parser)
    return parser


def _look_parser() -> _Parser:
    parser = _Parser(prog="python -m reconciliation look", description="Show how a file would be read.")
    parser.add_argument("file", metavar="FILE")
    _shared(parser)
    return parser


def _shared(parser: _Parser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="read the file's password from standard input")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _password(options: argparse.Namespace) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if options.password_stdin else None


def _look(options: argparse.Namespace) -> int:
    from reconciliation import looking  # with all words of headings it knows

    return looking.look(Path(options.file), _password(options), as_json=options.json)


def _reconcile(options: argparse.Namespace) -> int:
    started = time.perf_counter()
    # A child reads the file while this process loads what it needs to compare it.
    with without_collecting(), sandbox.begun(Path(options.payout), _password(options)) as arriving:
        from reconciliation import comparing

        how = comparing.How(**{name: getattr(options, name) for name in comparing.How._fields})
        return comparing.compare(how, arriving, started)
