"""The page on which everybody of the room chooses another passphrase of their own."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for

from cbi.access import Permission
from cbi.protection import passphrase as passphrases
from cbi.protection.forms_passphrase import PassphraseForm
from cbi.protection.views import blueprint, room
from cbi.web.again import Answer, form_page
from cbi.web.guard import needs
from cbi.web.house import house, person
from cbi.web.sessions import token
from cbi.web.words import _


@blueprint.route("/passphrase", methods=["GET", "POST"])
@needs(Permission.ROOM_HOME)
def passphrase() -> Answer:
    """Another passphrase over the same keys: whatever was handed over to them still opens."""
    form, me = PassphraseForm().begin(), person().id

    def page(status: int) -> Answer:
        return render_template("protection/passphrase.html", form=form), status

    def change() -> Answer:
        passphrases.change(room(), me, form.present.data or "", form.code.data or "", form.chosen.data or "")
        house().shelf.revoke(me, but=token())
        flash(_("Changed. From now on you sign in with the new passphrase; authenticator and recovery codes stay the same."), "ok")
        return redirect(url_for("protection.today"))

    return form_page(form, change, page)
