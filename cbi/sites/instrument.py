"""Which version of the check the office asks with: the one installed last, or the one that comes with the program.

Kept in the office's own database, so that a version and the entry that says who installed it are one commit, and one backup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import screening
from cbi.errors import Refused
from cbi.sites.approval import is_approved, questions_key
from cbi.sites.facts import InstrumentInstalled
from cbi.store.work import Reading, Work, read_setting, write_setting
from cbi.web.words import _
from screening import Mistake, Package, SignedPackage, UnreadableInstrument
from screening.succession import not_next, unfit
from screening.versions import order

NAME = "delivery-safety-check"
_INSTALLED = "instruments"
_FIRST_LANGUAGE = "en"


def current(reading: Reading, language: str = _FIRST_LANGUAGE) -> screening.Instrument:
    """The check in use, in this language; in English where nobody translated it yet."""
    return _spoken(package(reading), language)


def version_of(reading: Reading, version: str) -> screening.Instrument:
    """The version a page was drawn from; the one in use when there never was such a version here."""
    known = {Package.shipped(NAME).version, *_versions(reading)}
    return _spoken(package(reading, version if version in known else ""), _FIRST_LANGUAGE)


def package(reading: Reading, version: str = "") -> Package:
    """A version that was installed, "" for the one in use; the shipped one where none was."""
    versions = _versions(reading)
    wanted = version or (versions[-1] if versions else "")
    kept = read_setting(reading.session, reading.system, _name_of(wanted)) if wanted in versions else None
    return Package.shipped(NAME) if kept is None else Package.from_texts(kept)


def installed(reading: Reading) -> list[Package]:
    """Every version there is here, the shipped one first, the one in use last."""
    return [Package.shipped(NAME), *(package(reading, version) for version in _versions(reading))]


def install(work: Work, content: bytes) -> Package:
    """Put a version in use that the support team approved. Raises Refused without their signature, and with everything else that speaks against it."""
    try:
        given = SignedPackage.from_bytes(content)
    except UnreadableInstrument as problem:
        raise _unfit(problem.mistakes) from problem
    _refuse_unapproved(work, given)
    new = given.package
    against = (*not_next(new, package(work)), *unfit(new, Package.shipped(NAME)))
    if against:
        raise _unfit(against)
    if _FIRST_LANGUAGE not in new.languages:
        raise Refused(_("ask for a file that says everything in English too"))
    versions = sorted({*_versions(work), new.version}, key=order)
    write_setting(work.session, work.system, _name_of(new.version), new.texts())
    write_setting(work.session, work.system, _INSTALLED, versions)
    work.remember(InstrumentInstalled(name=new.name, version=new.version, digest=new.digest))
    return new


def _refuse_unapproved(reading: Reading, given: SignedPackage) -> None:
    if given.package == Package.shipped(NAME):
        return  # it came with the program, word for word
    key = questions_key(reading)
    if not key:
        raise Refused(_("ask the support team to sign in once: their key is not here yet, so nothing shows that they approved this file"))
    if not is_approved(given, key):
        raise Refused(
            _("ask the support team to take the file anew: it is not signed with their present key, so nothing shows that they approved it")
        )


def _unfit(against: Iterable[Mistake]) -> Refused:
    return Refused(_("ask for another file: %(mistakes)s", mistakes="; ".join(map(str, against))))


def _spoken(found: Package, language: str) -> screening.Instrument:
    return screening.open_package(found, language if language in found.languages else _FIRST_LANGUAGE)


def _versions(reading: Reading) -> Sequence[str]:
    """Versions installed here, the oldest first."""
    kept = read_setting(reading.session, reading.system, _INSTALLED)
    return kept if isinstance(kept, list) else []


def _name_of(version: str) -> str:
    return f"instrument {version}"
