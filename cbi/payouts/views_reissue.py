"""The page on which a manager asks again for what did not arrive."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import P
from cbi.errors import NotThere, Refused
from cbi.payouts import reissue as again
from cbi.payouts.forms_reissue import ReissueForm, said, undecided
from cbi.payouts.standing import LineKind
from cbi.payouts.views import blueprint
from cbi.transfers.programmes import providers
from cbi.transfers.service import list_by_id
from cbi.transfers.tables import Provider
from cbi.transfers.views import new_key
from cbi.web import sent
from cbi.web.again import or_again
from cbi.web.guard import needs
from cbi.web.house import actor, records
from cbi.web.words import _


@blueprint.route("/lists/<uuid:list_id>/again", methods=["GET", "POST"])
@needs(P.LIST_PREPARE)
def ask_again(list_id: UUID) -> str | Response | tuple[str, int]:
    """What of a released list did not arrive, and a new draft of it."""
    with records().read() as look:
        payment_list = list_by_id(look, list_id)
        if payment_list.released_at is None:
            raise NotThere
        provider = look.session.get_one(Provider, payment_list.provider_id)
        found = again.sums_of(again.open_transfers(look, list_id))
        payers = [(one.id, one.name) for one in providers(look)]
    form = ReissueForm(open_sums=found, currency=payment_list.currency, providers=payers)
    new_key(form)
    if not form.is_submitted():
        form.provider.data = str(provider.id)
        form.grounds.data = [one.ground.value for one in found if one.ground is not LineKind.MISSING]

    def page(status: int) -> tuple[str, int]:
        return render_template("payouts/again.html", list=payment_list, provider=provider, found=found, form=form), status

    if not form.validate_on_submit():
        return page(422 if form.is_submitted() else 200)
    return or_again(form, lambda: _carry_out(list_id, form), page)


def _carry_out(list_id: UUID, form: ReissueForm) -> Response:
    """Once however often it is sent; then the new draft."""
    if form.key() is None:
        raise Refused(_("open the page again, and send the form it shows"))
    with records().work(actor()) as work:
        where = sent.answered(work, form.key(), request.path)
        if where is None:
            made = again.reissue(work, list_id, UUID(form.provider.data), form.chosen(), dead=bool(form.dead.data))
            where = sent.answer(work, form.key(), request.path, url_for("transfers.payment_list", list_id=made.list_id))
            words = said(made.count, made.waiting)
            # One message: a page shows no more than the newest.
            flash(f"{words} {undecided(made.undecided)}" if made.undecided else words, "look" if made.undecided else "ok")
    return redirect(where, 303)
