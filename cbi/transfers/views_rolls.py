"""Lists of who is expected on a distribution day, to be printed: after password and code, and entered in the audit."""

from __future__ import annotations

from uuid import UUID

from flask import render_template

from cbi.access import Permission
from cbi.sites.days import day_of
from cbi.staff.service import step_up
from cbi.transfers.forms_rolls import RollForm
from cbi.transfers.roll_papers import roll_paper
from cbi.transfers.rolls import expected, lists_for, remember
from cbi.transfers.views import Answer, blueprint
from cbi.web.again import or_again
from cbi.web.downloads import download
from cbi.web.guard import needs
from cbi.web.house import actor, house, person, records
from cbi.web.locale import direction, language


@blueprint.get("/days/<uuid:day_id>/expected")
@needs(Permission.ROLL_PRINT)
def roll(day_id: UUID) -> Answer:
    """Choose the list and how the hours are dealt."""
    return _page(day_id, RollForm(formdata=None), 200)


@blueprint.post("/days/<uuid:day_id>/expected.pdf")
@needs(Permission.ROLL_PRINT)
def roll_file(day_id: UUID) -> Answer:
    """The list as a paper."""
    form = RollForm()
    with records().read() as reading:
        form.offer(lists_for(reading, day_of(reading, day_id)))
    if not form.validate():
        return _page(day_id, form, 422)

    def act() -> Answer:
        with records().work(actor()) as work:
            step_up(work, person().id, form.password.data, form.code.data)
            remember(work, expected(work, day_id, UUID(form.list.data), form.plan), form.kind)
        # Drawn from a look of its own: a long list is not held under the lock of a change.
        with records().read() as reading:
            found = expected(reading, day_id, UUID(form.list.data), form.plan)
            office, rtl = house().operation.name, direction() == "rtl"
            content = roll_paper(reading, found, form.kind, office=office, language=language(), right_to_left=rtl)
        return download(content, f"expected-{form.kind.value}.pdf", "application/pdf")

    return or_again(form, act, lambda status: _page(day_id, form, status))


def _page(day_id: UUID, form: RollForm, status: int) -> Answer:
    with records().read() as reading:
        day = day_of(reading, day_id)
        form.offer(lists_for(reading, day))
    return render_template("transfers/roll.html", day=day, form=form), status
