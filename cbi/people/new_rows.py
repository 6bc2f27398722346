"""The rows of new households, sealed and handed to the driver as it takes them: of one household at a desk, or of five hundred out of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from cbi.people.numbers import token_of
from cbi.people.tables import Account, Document, DocumentKind, Household, HouseholdStatus, Member, Phone, SearchToken
from cbi.people.tokens import tokens_of
from cbi.people.values import NewDocument, NewHousehold, NewMember, answers_kept
from cbi.store.ids import numbered
from cbi.store.sealed import Seals
from cbi.store.work import Work, inserted

Texts = tuple[tuple[str, str], ...]  # column and text
_Values = tuple[Any, ...]  # one row as the driver takes it: ids as hexadecimal text, sealed values as their bytes, words as their text
_MEMBER = (
    "id", "household_id", "position", "sex", "birth_year", "relation", "given", "family", "latin", "born", "washington",
)  # fmt: skip
_DOCUMENT = ("id", "household_id", "member_id", "kind", "number", "digest")
_PHONE = ("id", "household_id", "number", "digest")
_TOKEN = ("id", "household_id", "member_id", "token")


def ids_with_keys(work: Work, count: int) -> list[UUID]:
    """Ids of new households whose sealing keys are put in by one statement."""
    ids = [work.new_id("people") for _place in range(count)]
    key_table = work.system.subject_key
    work.bulk(key_table, inserted(key_table), work.vault.make_keys(ids))
    return ids


class NewRows:
    """The rows of some households, sealed and ready. Ids run on, so that the database appends them to its indexes instead of scattering them."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._series, self._made = work.new_id("people"), 0
        self._households = list[dict[str, Any]]()
        self._accounts = list[dict[str, Any]]()
        self._members, self._documents, self._phones, self._tokens = list[_Values](), list[_Values](), list[_Values](), list[_Values]()

    def put(self, new: NewHousehold, household_id: UUID, number: str) -> None:
        """Make every row of one household."""
        seals = self._work.vault.seals_of(self._work.session, household_id)
        members = [self._next_id() for _member in new.members]
        self._households.append(self._household(seals, new, household_id, number, members))
        for position, (member_id, member) in enumerate(zip(members, new.members, strict=True), start=1):
            self._members.append(_member(seals, household_id, member_id, position, member))
            self._put_tokens(new.site_id, household_id, member_id, member)
            for document in member.documents:
                self._put_document(seals, household_id, member_id, document)
        self._put_document(seals, household_id, members[0], NewDocument(DocumentKind.TOKEN, token_of(self._work.new_id("token"))))
        for phone in dict.fromkeys(new.phones):
            phone_id = self._next_id()
            sealed = seals.text("phone", "number", phone_id, phone)
            self._phones.append((phone_id.hex, household_id.hex, sealed, self._work.digest("phone", phone)))
        if new.account is not None:
            self._put_account(seals, household_id, new)

    def write(self) -> None:
        """Put everything in, so that what others point at is there first."""
        own = {"operation_id": self._work.operation_id.hex}
        self._work.bulk(Household, inserted(Household), self._households)
        self._work.bulk_rows(Member, _MEMBER, self._members, same=own)
        self._work.bulk_rows(Document, _DOCUMENT, self._documents, same=own)
        self._work.bulk_rows(Phone, _PHONE, self._phones, same={**own, "member_id": None})
        if self._accounts:
            self._work.bulk(Account, inserted(Account), self._accounts)
        self._work.bulk_rows(SearchToken, _TOKEN, self._tokens, same=own)

    def _next_id(self) -> UUID:
        self._made += 1
        return numbered(self._series, self._made)

    def _household(self, seals: Seals, new: NewHousehold, household_id: UUID, number: str, members: Sequence[UUID]) -> dict[str, Any]:
        return {
            **household_values(self._work, new, household_id, number),
            **{column: seals.text("household", column, household_id, text) for column, text in household_texts(new)},
            "recipient_id": None if new.recipient is None else members[new.recipient],
            "alternate_id": None if new.alternate is None else members[new.alternate],
        }

    def _put_tokens(self, site_id: UUID, household_id: UUID, member_id: UUID, member: NewMember) -> None:
        for token in tokens_of(self._work, site_id, member):
            self._tokens.append((self._next_id().hex, household_id.hex, member_id.hex, token))

    def _put_document(self, seals: Seals, household_id: UUID, member_id: UUID, document: NewDocument) -> None:
        kind = "token" if document.kind is DocumentKind.TOKEN else "document"
        document_id = self._next_id()
        sealed, digest = seals.text("document", "number", document_id, document.number), self._work.digest(kind, document.number)
        self._documents.append((document_id.hex, household_id.hex, member_id.hex, document.kind.value, sealed, digest))

    def _put_account(self, seals: Seals, household_id: UUID, new: NewHousehold) -> None:
        assert new.account is not None
        account_id = self._next_id()
        self._accounts.append(
            {
                "id": account_id,
                "operation_id": self._work.operation_id,
                "household_id": household_id,
                "kind": new.account.kind,
                "number": seals.text("account", "number", account_id, new.account.number),
                "digest": self._work.digest("account", new.account.number),
                "changed_by": self._work.actor.id or UUID(int=0),
                "changed_at": self._work.now,
            }
        )


def household_values(work: Work, new: NewHousehold, household_id: UUID, number: str) -> dict[str, Any]:
    """What is kept of a new household in clear, by column; who collects for it is left open."""
    return {
        "id": household_id,
        "operation_id": work.operation_id,
        "number": number,
        "site_id": new.site_id,
        "group": new.group,
        "language": new.language,
        "status": HouseholdStatus.REGISTERED,
        "size": len(new.members),
        "consent": new.consent,
        "consent_version": new.consent_version,
        "consent_language": new.consent_language,
        "consent_on": new.consent_on or work.today,
        "review": new.review,
        "registered_on": new.registered_on or work.today,
        "registered_at": work.now,
        "registered_by": work.actor.id or UUID(int=0),
        "version": 1,
        "import_id": new.import_id,
        "source_key": new.source_key,
    }


def household_texts(new: NewHousehold) -> Texts:
    """What is kept of a household under its seal, by column; "" where nothing was told."""
    return ("shelter", new.shelter.strip()), ("alternate_name", new.alternate_name.strip())


def member_texts(member: NewMember) -> Texts:
    """The same of a person."""
    return (
        ("given", member.given.strip()),
        ("family", member.family.strip()),
        ("latin", member.latin.strip()),
        ("born", member.born.text),
        ("washington", answers_kept(member.difficulties)),
    )


def _member(seals: Seals, household_id: UUID, member_id: UUID, position: int, member: NewMember) -> _Values:
    texts = [seals.text("member", column, member_id, text) for column, text in member_texts(member)]
    return member_id.hex, household_id.hex, position, member.sex.value, member.born.year, member.relation.value, *texts
