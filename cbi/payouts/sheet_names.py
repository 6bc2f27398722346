"""Names of a file's sheets: one may be named after a person, so that they stand under seal with the file, and a keyed digest in their place.

Equal names have one digest, so that rows of a file that is read anew, or comes back corrected, are met again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cbi.payouts.tables import PayoutFile
from cbi.store.sealed import Vault
from cbi.store.work import Reading, Work
from reconciliation.profile import Profile
from reconciliation.sheets import Sheets

_KIND = "payout sheet"
_DIGITS = 16
_KEY = re.compile(rf"~[0-9a-f]{{{_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class Names:
    """What the sheets of one file are called, by what stands in the place of their names."""

    by_key: Mapping[str, str] = field(default_factory=dict)

    def told(self, text: str) -> str:
        """A text for a reader, with the sheets it mentions by their names."""
        return _KEY.sub(lambda found: self.by_key.get(found[0], found[0]), text)


def key_of(vault: Vault, name: str) -> str:
    """What stands in the place of a name; of what stands in its place already, that itself."""
    return name if _KEY.fullmatch(name) else "~" + vault.digest(_KIND, name).hex()[:_DIGITS]


def keyed(vault: Vault, sheets: Sheets) -> Sheets:
    """The same sheets under what stands in the place of their names: so nothing that is made of them holds a name."""
    return replace(sheets, sheets=tuple(replace(one, name=key_of(vault, one.name)) for one in sheets.sheets))


def keyed_layout(vault: Vault, profile: Profile) -> Profile:
    """The same of a layout that names the sheets it reads."""
    return replace(profile, sheets=tuple(key_of(vault, name) for name in profile.sheets))


def named_layout(vault: Vault, profile: Profile, sheets: Sheets) -> Profile:
    """The way back, for a layout that is used on these sheets as they were sent."""
    names = {key_of(vault, one.name): one.name for one in sheets.sheets}
    return replace(profile, sheets=tuple(names.get(name, name) for name in profile.sheets))


def keep(work: Work, file: PayoutFile, names: Iterable[str]) -> None:
    """Keep the names of a file's sheets, sealed with it."""
    work.seal(file, "sheet_names", json.dumps({key_of(work.vault, name): name for name in names}, ensure_ascii=False))


def named_sheets(reading: Reading, file: PayoutFile) -> Names:
    """What the sheets of a file are called; nothing for one that was never previewed."""
    return Names(json.loads(reading.open(file, "sheet_names") or "{}"))
