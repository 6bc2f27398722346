"""Pages of payment lists: all of them, one as each role meets it, its lines, what changed; and what its maker does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import render_template, request, url_for

from cbi.access import Permission
from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.store.work import Reading, Work
from cbi.transfers import compare, cycles, drawing, overview
from cbi.transfers import lists as kept
from cbi.transfers.compare import Change
from cbi.transfers.forms import ApproveForm, KeyedForm
from cbi.transfers.overview import ListSheet
from cbi.transfers.references import seems_misread
from cbi.transfers.release import file_name
from cbi.transfers.tables import ListStatus
from cbi.transfers.views import Answer, blueprint, fresh_key, new_key
from cbi.transfers.words import CHANGES, LEFT_OUT, LISTS, MECHANISMS, SEATS, WAITS
from cbi.web.again import once
from cbi.web.guard import needs
from cbi.web.house import Person, person, records
from cbi.web.listing import Listing, listing_args
from cbi.web.marks import mark_words
from cbi.web.words import _

FIRST_LINES = 5


@dataclass(frozen=True, slots=True)
class Doing:
    """What the reader may do with a list now; at most one of them is the page's main action."""

    submit: bool = False
    take_back: bool = False
    approve: bool = False
    take_approval_back: bool = False
    release: bool = False
    send_back: str = ""
    export: bool = False
    ask_again: bool = False

    @classmethod
    def of(cls, sheet: ListSheet, reader: Person) -> Doing:
        """The acts that the reader's rights, the list's state and the reader's own part in it allow."""
        status, free = sheet.list.status, sheet.seat is None
        waiting = status in kept.WITH_APPROVERS
        may_approve = reader.may(Permission.LIST_APPROVE) and status is ListStatus.SUBMITTED and free
        may_release = reader.may(Permission.LIST_RELEASE) and status is ListStatus.APPROVED and free
        back = "transfers.send_back" if reader.may(Permission.LIST_APPROVE) else "transfers.hand_back"
        may_send = waiting and (reader.may(Permission.LIST_APPROVE) or reader.may(Permission.LIST_RELEASE))
        return cls(
            submit=reader.may(Permission.LIST_PREPARE) and sheet.with_maker,
            take_back=reader.may(Permission.LIST_PREPARE) and waiting,
            approve=may_approve,
            take_approval_back=waiting and reader.id in sheet.hands.approvers,
            release=may_release,
            send_back=back if may_send else "",
            export=reader.may(Permission.LIST_EXPORT) and status in {ListStatus.RELEASED, ListStatus.CLOSED},
            ask_again=reader.may(Permission.LIST_PREPARE) and status in {ListStatus.RELEASED, ListStatus.CLOSED},
        )


@blueprint.get("/lists", endpoint="lists")
@needs(Permission.LIST_READ)
def every_list() -> str:
    """Every payment list; those that wait for the reader stand above."""
    args = listing_args(request.args, sorts=overview.SORTS, filters=overview.FILTERS, descending=True)
    reader = person()
    with records().read() as reading:
        listing, sums = overview.rows(reading, args), overview.sums(reading, args)
        mine = _mine(reading, reader)
    return render_template("transfers/lists.html", listing=listing, sums=sums, mine=mine, list_words=LISTS)


@blueprint.get("/lists/<uuid:list_id>")
@needs(Permission.LIST_READ)
def payment_list(list_id: UUID) -> Answer:
    """One list: where it is, what it holds, what changed, whose hands, and what the reader may do."""
    return list_page(list_id, ApproveForm())


@blueprint.get("/lists/<uuid:list_id>/lines")
@needs(Permission.LIST_READ)
def lines(list_id: UUID) -> str:
    """Every line of a list, without names."""
    args = listing_args(request.args, sorts=overview.LINE_SORTS, filters=overview.LINE_FILTERS)
    with records().read() as reading:
        sheet = overview.sheet(reading, list_id, person().id)
        listing = overview.lines(reading, list_id, args)
    doing = Doing.of(sheet, person())
    return render_template(
        "transfers/lines.html",
        sheet=sheet,
        listing=listing,
        made_up=cycles.formula_of(sheet.cycle).for_members,
        misread=seems_misread(listing.filter("q")),
        take_off=(lambda _line: fresh_key()) if doing.submit else None,
    )


@blueprint.get("/lists/<uuid:list_id>/changes/<kind>")
@needs(Permission.LIST_READ)
def changes(list_id: UUID, kind: str) -> str:
    """The households that differ from the cycle before in one way, by number."""
    change = Change(kind) if kind in set(Change) else Change.NEW
    args = listing_args(request.args, sorts=("number",))
    with records().read() as reading:
        sheet = overview.sheet(reading, list_id, person().id)
        found = [one for one in compare.changes(reading, sheet.list) if one.change is change]
        args = args.within(len(found))
        numbers = compare.numbers_of(reading, [one.household_id for one in found])
        found.sort(key=lambda one: numbers[one.household_id], reverse=args.descending)
        listing = Listing([(numbers[one.household_id], one) for one in found[args.offset : args.offset + args.size]], len(found), args)
    return render_template("transfers/changes.html", sheet=sheet, listing=listing, change=change, changes=CHANGES, reasons=LEFT_OUT)


@blueprint.post("/lists/<uuid:list_id>/submit")
@needs(Permission.LIST_PREPARE)
def submit(list_id: UUID) -> Answer:
    """Hand a draft in."""
    return _act(list_id, lambda work: kept.submit(work, list_id), _("Handed in. It waits for its approvals."))


@blueprint.post("/lists/<uuid:list_id>/redraw")
@needs(Permission.LIST_PREPARE)
def redraw(list_id: UUID) -> Answer:
    """Make a draft's lines again from the records as they are."""
    return _act(list_id, lambda work: kept.redraw(work, list_id), _("The lines are made again from what the records say now."))


@blueprint.post("/lists/<uuid:list_id>/take-back")
@needs(Permission.LIST_PREPARE)
def take_back(list_id: UUID) -> Answer:
    """The maker takes a list back."""
    return _act(list_id, lambda work: kept.take_back(work, list_id), _("The list is a draft again. Its approvals fell."))


@blueprint.post("/lists/<uuid:list_id>/lines/<uuid:instruction_id>/take-off")
@needs(Permission.LIST_PREPARE)
def take_off(list_id: UUID, instruction_id: UUID) -> Answer:
    """Take one line off a draft."""
    return _act(list_id, lambda work: kept.take_off(work, list_id, instruction_id), _("One line is taken off. It waits for the next list."))


def list_page(list_id: UUID, form: ApproveForm, *, status: int = 200, before: bytes | None = None) -> Answer:
    """The page of one list. before: the hash the reader had acted on, when the list changed since."""
    reader = person()
    with records().read() as reading:
        sheet = overview.sheet(reading, list_id, reader.id)
        first = overview.lines(reading, list_id, listing_args({}, sorts=overview.LINE_SORTS, size=FIRST_LINES))
        since = None if sheet.list.reissue else compare.since_last(reading, sheet.list)
        waiting = _waiting(reading, sheet)
        releasers = overview.who_could(reading, Permission.LIST_RELEASE, sheet.hands)
        posters = overview.who_could(reading, Permission.PAYOUT_POST, sheet.hands)
    new_key(form)
    form.shown.data = sheet.list.hash.hex() if sheet.list.hash else ""
    page = render_template(
        "transfers/list.html",
        sheet=sheet,
        form=form,
        doing=Doing.of(sheet, reader),
        reader=reader,
        mark=mark_words(sheet.list.hash) if sheet.list.hash else [],
        before=mark_words(before) if before else [],
        checkpoint=mark_words(sheet.checkpoint.hash) if sheet.checkpoint else [],
        first=first,
        made_up=cycles.formula_of(sheet.cycle).for_members,
        since=since,
        waiting=waiting,
        file=file_name(sheet.list),
        releasers=releasers,
        posters=posters,
        keys=[fresh_key() for _number in range(3)],
        words={"changes": CHANGES, "reasons": LEFT_OUT, "seats": SEATS, "waits": WAITS, "mechanisms": MECHANISMS},
    )
    return page, status


def _waiting(reading: Reading, sheet: ListSheet) -> list[tuple[str, int]]:
    """For a draft: how many of the provider's households wait for the next list, and why."""
    if not sheet.with_maker or sheet.list.reissue:
        return []
    counted = drawing.waiting(reading, sheet.cycle, sheet.provider.id)
    return [(str(WAITS[reason]), counted[reason]) for reason in WAITS if counted[reason]]


def _mine(reading: Reading, reader: Person) -> list[overview.ListRow]:
    """The lists that wait for what the reader does, oldest first."""
    states = []
    if reader.may(Permission.LIST_APPROVE):
        states.append(ListStatus.SUBMITTED)
    if reader.may(Permission.LIST_RELEASE):
        states.append(ListStatus.APPROVED)
    if reader.may(Permission.LIST_PREPARE):
        states += [ListStatus.SENT_BACK, ListStatus.DRAFT]
    return overview.waiting_rows(reading, *states) if states else []


def _act(list_id: UUID, change: Callable[[Work], object], said: str) -> Answer:
    def act(work: Work) -> str:
        change(work)
        return url_for("transfers.payment_list", list_id=list_id)

    try:
        return once(KeyedForm().key(), act, said)
    except NotThere:
        raise
    except Refused as refusal:
        form = ApproveForm()
        form.client_key.data = None
        form.form_errors.append(refusal.fix)
        return list_page(list_id, form, status=409 if isinstance(refusal, SomebodyWasFirst) else 422)
