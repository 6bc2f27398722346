from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import select

from cbi.access import Role
from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.payouts import closing, decisions, over_time, posting, reissue, statements
from cbi.payouts.answers import Said, give, standing
from cbi.payouts.posting import UndoReason
from cbi.payouts.scope import Scope
from cbi.payouts.standing import LineKind
from cbi.payouts.tables import Answer, PayoutFinding
from cbi.payouts.tables_money import Ending, OpenLine
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import drawing, lists, programmes, service
from cbi.transfers.service import instructions_of
from cbi.transfers.tables import ArrangementKind, Entitlement, Instruction, Mechanism
from reconciliation.findings import FindingKind
from reconciliation.ledger import Account
from tests import make, make_transfers
from tests.cbi.payouts.test_corrections import _correct as correct
from tests.cbi.payouts.test_posting import _balances as balances
from tests.cbi.transfers.test_arranged_money import arrange, grown_ups, settle
from tests.cbi.transfers.test_lists import lines, payment_list
from tests.cbi.transfers.test_views import Sign
from tests.make_payouts import Released, csv_file, posted, previewed, released, row

ALL = tuple(reissue.GROUNDS)


def again(
    records: Records, given: Released, *grounds: LineKind, provider_id: UUID | None = None, dead: bool = False, list_id: UUID | None = None
) -> UUID:
    with records.work(Actor(given.made.manager)) as work:
        made = reissue.reissue(
            work, list_id or given.list_id, provider_id or given.made.provider_id, grounds or (LineKind.FAILED,), dead=dead
        )
    return made.list_id


def release(records: Records, given: Released, list_id: UUID) -> None:
    """Take a draft through submission, approvals and release."""
    with records.work(Actor(given.made.manager)) as work:
        lists.submit(work, list_id)
    make_transfers.approve(records, list_id, given.made.approver)
    from cbi.transfers.release import release as let_go

    with records.work(Actor(given.made.releaser)) as work:
        let_go(work, list_id, releaser_id=given.made.releaser, shown=make_transfers.mark_of(records, list_id))


def answers(given: Released, *said: tuple[str, int]) -> list[list[str]]:
    """One row per line: status, and what is paid less than asked."""
    return [
        row(line, place, status=status, minor=line.amount.minor - less)
        for place, (line, (status, less)) in enumerate(zip(given.lines, said, strict=False), 1)
    ]


def promised_and_due(records: Records) -> list[int]:
    """For every entitlement what it holds, less what is live, arrived on replaced lines, or still due: zero where nothing is lost or doubled."""
    with records.read() as look:
        rows = look.session.execute(
            sa.select(
                Entitlement.id,
                Entitlement.cycle_id,
                Entitlement.amount_minor,
                sa.func.sum(sa.case((Instruction.live, Instruction.amount_minor), else_=Instruction.settled_minor)),
            )
            .join(Instruction, Instruction.entitlement_id == Entitlement.id)
            .group_by(Entitlement.id, Entitlement.cycle_id, Entitlement.amount_minor)
        ).all()
        due = {one.entitlement.id: one.left_minor for cycle in {row[1] for row in rows} for one in drawing.due_in(look, cycle)}
        return [held - taken - due.get(one, 0) for one, _cycle, held, taken in rows]


def kinds(records: Records, file_id: UUID) -> dict[FindingKind, int]:
    with records.read() as look:
        found = look.session.execute(
            sa.select(PayoutFinding.kind, sa.func.count()).where(PayoutFinding.file_id == file_id).group_by(PayoutFinding.kind)
        )
        return {row[0]: row[1] for row in found}


def test_what_failed_is_asked_for_again_with_a_reference_of_its_own(records: Records):
    given = released(records, (4, 3, 1))
    posted(records, given, answers(given, ("SUCCESS", 0), ("FAILED", 0), ("FAILED", 0)))

    new_id = again(records, given)

    old, new = lines(records, given.list_id), lines(records, new_id)
    assert [line.live for line in old] == [True, False, False]
    assert [(line.replaces_id, line.amount_minor, line.part) for line in new] == [
        (line.id, line.amount_minor, line.part) for line in old[1:]
    ]
    assert not {line.reference for line in new} & {line.reference for line in old}
    assert payment_list(records, new_id).reissue
    assert promised_and_due(records) == [0, 0, 0]


def test_of_a_part_that_arrived_only_the_rest_is_asked_for_again(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("SUCCESS", 50_000)))

    new_id = again(records, given, LineKind.PAID_IN_PART)

    [old], [new] = lines(records, given.list_id), lines(records, new_id)
    assert (old.live, old.settled_minor, new.amount_minor) == (False, old.amount_minor - 50_000, 50_000)
    assert promised_and_due(records) == [0]


def test_what_nobody_reported_is_asked_for_again_only_when_it_is_said_to_be_dead(records: Records):
    given = released(records, (4, 3))
    posted(records, given, answers(given, ("SUCCESS", 0)))

    with pytest.raises(Refused, match="has not reported"):
        again(records, given, LineKind.MISSING)
    new_id = again(records, given, LineKind.MISSING, dead=True)

    assert [line.replaces_id for line in lines(records, new_id)] == [lines(records, given.list_id)[1].id]
    with records.read() as look:
        told = look.session.execute(sa.text("SELECT body FROM audit_entry WHERE kind LIKE '%ListReissued%'")).scalar_one()
    assert '"unreported":1' in told.replace(" ", "")


def test_nothing_is_asked_for_again_before_the_provider_answered(records: Records):
    given = released(records, (4, 3))

    with pytest.raises(Refused, match="post the provider's answer first"):
        again(records, given, LineKind.MISSING, dead=True)


def test_nothing_is_asked_for_twice(records: Records):
    given = released(records, (4, 3))
    posted(records, given, answers(given, ("FAILED", 0), ("FAILED", 0)))
    failed = {line.id: 0 for line in lines(records, given.list_id)}
    again(records, given)

    with pytest.raises(Refused, match="nothing that is chosen is open"):
        again(records, given)
    from cbi.transfers import service

    with pytest.raises(SomebodyWasFirst), records.work(Actor(given.made.manager)) as work:
        service.reissue(work, given.made.provider_id, failed)


def test_the_database_itself_replaces_a_line_once_and_keeps_one_live(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("FAILED", 0)))
    new_id = again(records, given)
    [new] = lines(records, new_id)

    with records.engine.begin() as connection:
        copy = dict(connection.execute(sa.select(Instruction.__table__).where(Instruction.__table__.c.id == new.id)).mappings().one())
    for change in ({"part": 2}, {"replaces_id": None}):
        twin = {**copy, "id": UUID(int=5), "position": 2, "reference": "TX", **change}
        with pytest.raises(sa.exc.IntegrityError), records.engine.begin() as connection:
            connection.execute(sa.insert(Instruction), [twin])


def test_a_late_success_of_a_replaced_line_is_not_instructed_and_waits_in_suspense(records: Records):
    given = released(records, (4, 3))
    posted(records, given, answers(given, ("SUCCESS", 0), ("FAILED", 0)))
    release(records, given, again(records, given))

    late = previewed(records, given, [row(given.lines[1], 77)])

    assert kinds(records, late)[FindingKind.NOT_INSTRUCTED] == 1
    posting.post(records, Actor(given.finance), late)
    assert balances(records)["suspense"] == given.lines[1].amount.minor
    assert promised_and_due(records) == [0, 0]


def test_beyond_the_part_that_arrived_a_late_payment_is_too_much(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("SUCCESS", 50_000)))
    again(records, given, LineKind.PAID_IN_PART)

    late = posted(records, given, [row(given.lines[0], 77, minor=50_000)])

    assert kinds(records, late) == {FindingKind.PAID_MORE: 1}
    assert balances(records)["suspense"] == 50_000


def test_the_whole_answer_sent_again_after_a_reissue_moves_nothing(records: Records):
    given = released(records, (4, 3, 1))
    rows = answers(given, ("SUCCESS", 0), ("SUCCESS", 50_000), ("FAILED", 0))
    posted(records, given, rows)
    again(records, given, *ALL)
    before = balances(records)

    posted(records, given, [*rows, row(given.lines[2], 99, status="FAILED")])

    assert balances(records) == before


def test_a_late_success_of_a_line_that_was_not_replaced_lives_again_and_is_not_due(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("FAILED", 0)))

    posted(records, given, [row(given.lines[0], 77)])

    assert lines(records, given.list_id)[0].live
    assert promised_and_due(records) == [0]
    with records.read() as look:
        assert drawing.due_in(look, payment_list(records, given.list_id).cycle_id) == []


def test_undoing_a_late_success_leaves_the_line_failed_as_before(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("FAILED", 0)))
    late = posted(records, given, [row(given.lines[0], 77)])

    posting.undo(records, Actor(given.finance), late, UndoReason.WRONG_FILE)

    assert not lines(records, given.list_id)[0].live
    assert lines(records, again(records, given))[0].amount_minor == given.lines[0].amount.minor


def test_a_preview_from_before_the_reissue_is_not_posted(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("FAILED", 0)))
    late = previewed(records, given, [row(given.lines[0], 77)])
    again(records, given)

    with pytest.raises(Refused, match="read the file again"):
        posting.post(records, Actor(given.finance), late)

    assert balances(records).get("delivered", 0) == 0


@pytest.mark.parametrize(("said", "ground"), [(("FAILED", 0), LineKind.FAILED), (("SUCCESS", 50_000), LineKind.PAID_IN_PART)])
def test_a_file_that_a_reissue_builds_on_is_not_undone(records: Records, said: tuple[str, int], ground: LineKind):
    given = released(records, (4,))
    file_id = posted(records, given, answers(given, said))
    again(records, given, ground)

    with pytest.raises(Refused, match="settle the newer list first"):
        posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)


def test_a_file_is_undone_once_the_newer_line_is_taken_off(records: Records):
    given = released(records, (4,))
    file_id = posted(records, given, answers(given, ("SUCCESS", 50_000)))
    new_id = again(records, given, LineKind.PAID_IN_PART)
    with records.work(Actor(given.made.manager)) as work:
        lists.take_off(work, new_id, lines(records, new_id)[0].id)

    posting.undo(records, Actor(given.finance), file_id, UndoReason.WRONG_FILE)

    [old] = lines(records, given.list_id)
    assert (old.live, old.settled_minor) == (True, 0)
    assert promised_and_due(records) == [0]


def test_of_a_payment_that_came_back_in_part_only_that_part_is_due_again(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("SUCCESS", 0)))
    posted(records, given, [row(given.lines[0], 9, status="REVERSED", minor=50_000)])

    new_id = again(records, given, LineKind.PAID_IN_PART, LineKind.RETURNED)

    [old] = lines(records, given.list_id)
    assert (old.live, old.settled_minor) == (False, old.amount_minor - 50_000)
    assert lines(records, new_id)[0].amount_minor == 50_000
    assert promised_and_due(records) == [0]


def test_a_line_that_failed_again_is_asked_for_a_third_time(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("FAILED", 0)))
    second = again(records, given)
    release(records, given, second)
    with records.read() as look:
        other = Released(given.made, second, tuple(instructions_of(look, second)), given.finance)
    posted(records, other, [row(other.lines[0], 5, status="FAILED")])

    third = again(records, other)

    assert [line.replaces_id for line in lines(records, third)] == [lines(records, second)[0].id]
    with pytest.raises(Refused, match="nothing that is chosen is open"):
        again(records, given)
    assert promised_and_due(records) == [0]


def test_another_provider_pays_where_nobody_asked_for_another_way(records: Records):
    given = released(records, (4, 3))
    posted(records, given, answers(given, ("SUCCESS", 0), ("FAILED", 0)))
    with records.work(Actor(given.made.manager)) as work:
        cash = programmes.add_provider(work, code="PCX", name="Paper Crane Cash", mechanism=Mechanism.CASH_AGENT)

    new_id = again(records, given, provider_id=cash)

    assert payment_list(records, new_id).provider_id == cash
    with records.read() as look:
        [asked] = instructions_of(look, new_id)
    assert (asked.account, asked.amount) == ("", given.lines[1].amount)
    release(records, given, new_id)
    assert promised_and_due(records) == [0, 0]


def test_whoever_has_no_account_there_keeps_the_promise_as_it_was(records: Records):
    given = released(records, (4,))
    posted(records, given, answers(given, ("SUCCESS", 50_000)))
    with records.work(Actor(given.made.manager)) as work:
        bank = programmes.add_provider(work, code="BNK", name="Lantern Bank", mechanism=Mechanism.BANK)

    with pytest.raises(Refused, match="choose another provider"):
        again(records, given, LineKind.PAID_IN_PART, provider_id=bank)

    [old] = lines(records, given.list_id)
    assert (old.live, old.settled_minor) == (True, 0)


def test_a_draft_made_again_asks_for_the_same_and_for_nobody_else(records: Records):
    given = released(records, (4, 3, 1))
    posted(records, given, answers(given, ("SUCCESS", 50_000), ("FAILED", 0), ("FAILED", 0)))
    new_id = again(records, given, LineKind.PAID_IN_PART, LineKind.FAILED)
    before = {(line.replaces_id, line.amount_minor) for line in lines(records, new_id)}
    with records.work(Actor(given.made.manager)) as work:
        lists.take_off(work, new_id, lines(records, new_id)[1].id)

    with records.work(Actor(given.made.manager)) as work:
        lists.redraw(work, new_id)

    assert {(line.replaces_id, line.amount_minor) for line in lines(records, new_id)} < before
    assert promised_and_due(records) == [0, 0, 0]


def test_with_a_wrong_hand_or_in_doubt_nothing_is_asked_for_again(records: Records):
    given = released(records, (4,))
    posted(records, given, [row(given.lines[0], 1, name="Somebody Else", phone="+254799999999")])

    with records.read() as look:
        assert reissue.open_transfers(look, given.list_id) == []


def test_what_an_unreadable_row_names_is_not_asked_for_again_until_the_row_is_corrected(records: Records):
    given = released(records)
    failed = [row(line, number, status="FAILED") for number, line in enumerate(given.lines, start=1)]
    posted(records, given, failed)
    unclear = row(given.lines[0], 9)
    unclear[1], unclear[2] = unclear[1].lower(), "about forty"
    later = posted(records, given, [unclear, *failed[1:]], "later.csv")
    with records.read() as look:
        assert len(reissue.open_transfers(look, given.list_id)) == len(given.lines) - 1

    correct(records, given, later, csv_file([row(given.lines[0], 9, status="FAILED")]))

    with records.read() as look:
        assert len(reissue.open_transfers(look, given.list_id)) == len(given.lines)


def test_every_statement_still_foots_after_a_reissue(records: Records):
    given = released(records, (4, 3))
    posted(records, given, answers(given, ("SUCCESS", 50_000), ("FAILED", 0)))
    new_id = again(records, given, *ALL)
    release(records, given, new_id)

    with records.read() as look:
        assert statements.of_list(look, given.list_id).foots
        assert statements.of_list(look, new_id).foots


def test_what_is_asked_for_again_is_instructed_once_wherever_both_lists_are_summed(records: Records):
    given = released(records, (4, 3))
    posted(records, given, answers(given, ("SUCCESS", 50_000), ("FAILED", 0)))
    due, arrived = sum(line.amount.minor for line in given.lines), given.lines[0].amount.minor - 50_000
    new_id = again(records, given, *ALL)
    drafted = _wide(records, given)
    release(records, given, new_id)

    together = _wide(records, given)

    assert drafted == together == {"instructed": due, "delivered": arrived, "open": due - arrived, "given up": 0, "foots": True}
    with records.read() as look:
        old, new = statements.of_list(look, given.list_id), statements.of_list(look, new_id)
        months = over_time.months(look, Scope("UTC"))
        [cycle] = statements.of_scope(look, Scope("UTC", cycle_id=service.list_by_id(look, new_id).cycle_id))
    assert (old.total_minor, new.total_minor) == (due, due - arrived)
    assert (old.foots, new.foots) == (True, True)
    assert sum(month.instructed_minor for month in months) == due
    assert months[-1].closing_minor == due - arrived
    assert (cycle.count, [(line.kind, line.count, line.instructed_minor) for line in cycle.lines if line.count]) == (
        3,
        [(LineKind.PAID, 1, arrived), (LineKind.MISSING, 2, due - arrived)],
    )


def test_given_up_for_a_newer_list_is_not_given_up_where_both_are_summed(records: Records):
    given = released(records, (4, 3))
    posted(records, given, answers(given, ("SUCCESS", 0), ("FAILED", 0)))
    release(records, given, again(records, given))
    before = _wide(records, given)
    with records.work(Actor(given.finance)) as work:
        closing.decide(work, given.list_id, OpenLine.FAILED, "KES", Ending.INSTRUCT_AGAIN)
    with records.read() as look:
        shown = statements.of_list(look, given.list_id).open_minor

    with records.work(Actor(make.staff(records, Role.APPROVER, name="Bo Closer"))) as work:
        closing.close(work, given.list_id, shown_minor=shown)

    assert _wide(records, given) == before
    with records.read() as look:
        assert statements.of_list(look, given.list_id).cancelled_minor == shown


def test_another_providers_list_takes_nothing_from_what_this_one_was_asked(records: Records):
    given = released(records, (4, 3))
    with records.work(Actor(given.made.manager)) as work:
        other = programmes.add_provider(work, code="PCX", name="Paper Crane Cash", mechanism=Mechanism.CASH_AGENT)
    posted(records, given, answers(given, ("SUCCESS", 0), ("FAILED", 0)))
    release(records, given, again(records, given, provider_id=other))
    due = sum(line.amount.minor for line in given.lines)

    with records.read() as look:
        by_provider = {one.key: one for one in statements.summed_by(look, "provider_id")}
        [together] = statements.summed(look, Scope("UTC"))

    assert by_provider[given.made.provider_id].instructed_minor == due
    assert by_provider[other].instructed_minor == given.lines[1].amount.minor
    assert together.instructed_minor == due


def _wide(records: Records, given: Released) -> dict[str, object]:
    """What everything comes to: the same in the statement of all, of the provider, of the cycle and of the grant, and in their sums."""
    with records.read() as look:
        cycle_id = service.list_by_id(look, given.list_id).cycle_id
        scopes = [
            Scope("UTC"),
            Scope("UTC", provider_id=given.made.provider_id),
            Scope("UTC", cycle_id=cycle_id),
            Scope("UTC", grant_id=given.made.grant_id),
        ]
        told = [
            {
                "instructed": one.total_minor,
                "delivered": one.delivered_minor,
                "open": one.open_minor,
                "given up": one.cancelled_minor,
                "foots": one.foots,
            }
            for scope in scopes
            for one in statements.of_scope(look, scope)
        ]
        sums = [one for by in ("provider_id", "cycle_id", "grant_id", "budget_line_id") for one in statements.summed_by(look, by)]
        for one in (*sums, *(each for scope in scopes for each in statements.summed(look, scope))):
            told.append(
                {
                    "instructed": one.instructed_minor,
                    "delivered": one.delivered_minor,
                    "open": one.open_minor,
                    "given up": one.cancelled_minor,
                    "foots": one.foots,
                }
            )
    assert all(one == told[0] for one in told)
    return told[0]


def test_a_list_that_is_not_there_has_nothing_to_ask_for(records: Records):
    with pytest.raises(NotThere), records.read() as look:
        reissue.open_transfers(look, UUID(int=1))


def test_a_manager_asks_again_through_the_pages_and_lands_on_the_new_draft(records: Records, app: Flask):
    given = released(records, (4, 3, 1))
    posted(records, given, answers(given, ("SUCCESS", 0), ("FAILED", 0)))
    manager, url = make.Visitor(app, records, given.made.manager), f"/lists/{given.list_id}/again"

    statement = manager.see(f"/statements/{given.list_id}")
    shown = manager.see(url)
    refused = manager.post(url, {"grounds": ["failed", "missing"], "provider": str(given.made.provider_id)})
    page = manager.send(url, {"grounds": ["failed"], "provider": str(given.made.provider_id)})

    assert "Ask again for 1 that did not arrive" in statement
    assert "Failed · 1 · KES" in shown
    assert "Not reported by the provider · 1 · KES" in shown
    assert refused.status_code == 422
    assert "tick that the provider will not pay" in refused.text
    assert "1 are on this new draft" in page
    assert "Submit this list" in page


def test_the_page_says_what_is_left_off_because_nobody_can_say_whose_it_is(records: Records, app: Flask):
    made = make_transfers.setting(records, sizes=(2,), mechanism=Mechanism.CASH_AGENT)
    household, adults = grown_ups(records, made)
    list_id = make_transfers.released_list(records, made)
    with records.read() as look:
        given = Released(made, list_id, tuple(instructions_of(look, list_id)), make.staff(records, Role.FINANCE, name="Rana Inkwell"))
    posted(records, given, answers(given, ("FAILED", 0), ("FAILED", 0)))
    arrange(records, household, {ArrangementKind.SHARES: tuple(adults[:2])})
    settle(records)

    page = make.Visitor(app, records, made.manager).send(
        f"/lists/{list_id}/again", {"grounds": ["failed"], "provider": str(made.provider_id)}
    )

    assert "1 are on this new draft" in page
    assert "1 are left off: separate transfers of their households changed meanwhile. You need to arrange who is paid" in page


def test_a_form_sent_twice_makes_one_list(records: Records, app: Flask):
    given = released(records, (4, 3))
    posted(records, given, answers(given, ("FAILED", 0), ("FAILED", 0)))
    manager, url = make.Visitor(app, records, given.made.manager), f"/lists/{given.list_id}/again"
    typed = {**make.hidden_fields(manager.see(url), url), "grounds": ["failed"], "provider": str(given.made.provider_id)}

    first, second = (manager.client.post(url, data=typed, headers={"Origin": "http://localhost"}) for _time in range(2))

    assert first.status_code == second.status_code == 303
    assert first.location == second.location


def test_a_late_payment_says_where_its_transfer_was_asked_for_again(records: Records, app: Flask):
    given = released(records, (4,))
    posted(records, given, answers(given, ("FAILED", 0)))
    release(records, given, again(records, given))
    late = previewed(records, given, [row(given.lines[0], 77)])
    with records.read() as look:
        [finding] = look.session.scalars(sa.select(PayoutFinding).where(PayoutFinding.file_id == late))

    page = make.Visitor(app, records, given.finance).see(f"/payouts/{late}/findings/{finding.id}")

    assert "asked for again as" in page
    assert "L-2026-002" in page


@pytest.mark.parametrize("role", [Role.FINANCE, Role.APPROVER, Role.RELEASER])
def test_only_a_maker_asks_again(records: Records, visitor: Sign, role: Role):
    given = released(records, (4,))

    visitor(role).see(f"/lists/{given.list_id}/again", status=404)


def test_an_answer_that_no_longer_pays_anything_does_not_keep_its_file_from_being_posted(records: Records):
    given = released(records, (4, 3))
    posted(records, given, [row(given.lines[0], 1)])
    file_id = previewed(records, given, [row(given.lines[1], 2, name="Somebody Completely Else", phone="+254799999999")], name="later.csv")
    other = make.staff(records, Role.FINANCE, name="Bettina Drizzle")
    with records.read() as look:
        finding_id = look.session.exec(
            select(PayoutFinding.id).where(PayoutFinding.file_id == file_id, PayoutFinding.kind == FindingKind.WRONG_PAYEE)
        ).one()
    for person_id in (given.finance, other):
        give(records, Actor(person_id), file_id, finding_id, Said(Answer.SAME_PERSON))
    again(records, given, LineKind.MISSING, dead=True)

    posting.post(records, Actor(given.finance), file_id)

    with records.read() as look:
        assert decisions.of_file(look, file_id) == []
        assert len(standing(look, finding_id)) == 2
    assert balances(records)[Account.SUSPENSE] == given.lines[1].amount.minor
    assert promised_and_due(records) == [0, 0]
