"""Pages of a provider's file: how it is written, tried on invented people, and which of its templates new lists take."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for

from cbi.access import Permission
from cbi.errors import NotThere, Refused
from cbi.store.work import Reading, Work
from cbi.transfers import file_templates as kept
from cbi.transfers.forms_files import ChooseTemplateForm, TemplateForm
from cbi.transfers.tables import Provider
from cbi.transfers.tables_files import ProviderTemplate
from cbi.transfers.templates import template_of
from cbi.transfers.views import Answer, blueprint, fresh_key, new_key
from cbi.transfers.words import FORMS, MECHANISMS
from cbi.web.again import once
from cbi.web.forms import key_of
from cbi.web.guard import needs
from cbi.web.house import records
from cbi.web.words import _


@blueprint.route("/providers/<uuid:provider_id>/file", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def provider_file(provider_id: UUID) -> Answer:
    """How a provider's file is written. Two buttons only change the form, or show the first lines, and come back."""
    form = TemplateForm()
    if request.method == "GET":
        with records().read() as reading:
            form.fill(template_of(_begin(reading, provider_id)))
    new_key(form)
    if "add_line" in request.form:
        form.add_column()
    if request.method == "GET" or {"add_line", "show"} & set(request.form):
        return _page(provider_id, form, 200)
    if not form.validate():
        return _page(provider_id, form, 422)

    def act(work: Work) -> str:
        kept.save(work, provider_id, form.template())
        return url_for("transfers.provider_file", provider_id=provider_id)

    try:
        return once(form.key(), act, _("Saved as a new version. Lists that are drawn from now on are written by it."))
    except NotThere:
        raise
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _page(provider_id, form, 422)


@blueprint.post("/providers/<uuid:provider_id>/file/choose")
@needs(Permission.PROGRAMME_PLAN)
def choose_template(provider_id: UUID) -> Answer:
    """Write new lists of a provider by an earlier version, or by the columns it was entered with."""
    form = ChooseTemplateForm()

    def act(work: Work) -> str:
        kept.choose(work, provider_id, key_of(form.template.data))
        return url_for("transfers.provider_file", provider_id=provider_id)

    return once(form.key(), act, _("Chosen. Lists that are drawn from now on are written by it."))


def _begin(reading: Reading, provider_id: UUID) -> str:
    """What the form begins with: the version that was asked for, else what new lists are written by."""
    provider = reading.session.get(Provider, provider_id)
    if provider is None:
        raise NotThere
    asked = key_of(request.args.get("from"))
    found = reading.session.get(ProviderTemplate, asked) if asked else None
    return found.content if found and found.provider_id == provider_id else kept.content_for(reading, provider)


def _page(provider_id: UUID, form: TemplateForm, status: int) -> Answer:
    with records().read() as reading:
        provider = reading.session.get(Provider, provider_id)
        if provider is None:
            raise NotThere
        versions = kept.versions(reading, provider_id)
        now = reading.now
    first, fix = "", ""
    try:
        first = kept.example(form.template(), provider.mechanism, records().operation.currency, now)
    except (Refused, ValueError) as refusal:
        fix = refusal.fix if isinstance(refusal, Refused) else _("choose each of them from its list")
    page = render_template(
        "transfers/provider_file.html",
        provider=provider,
        form=form,
        versions=[(row, kept.template_in(row)) for row in versions],
        plain=not any(row.chosen for row in versions),
        first=first,
        fix=fix if status == 200 else "",  # noqa: PLR2004 -- a refused form says it above already
        forms=FORMS,
        mechanisms=MECHANISMS,
        keys=[fresh_key() for _number in range(len(versions) + 1)],
    )
    return page, status
