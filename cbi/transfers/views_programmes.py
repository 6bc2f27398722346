"""Pages of grants, providers and programmes."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for

from cbi.access import Permission
from cbi.errors import NotThere, Refused
from cbi.store.work import Work
from cbi.transfers import programmes as kept
from cbi.transfers.forms import BudgetLineForm, GrantForm, KeptForm, ProgrammeForm, ProviderForm, SignOffForm
from cbi.transfers.lives import keep_grant_until
from cbi.transfers.tables import Grant, Mechanism
from cbi.transfers.views import Answer, blueprint, new_key
from cbi.transfers.words import CYCLES, FIELDS, MECHANISMS
from cbi.web.again import once
from cbi.web.guard import needs
from cbi.web.house import records
from cbi.web.words import _


@blueprint.get("/programmes")
@needs(Permission.PROGRAMME_PLAN)
def programmes() -> str:
    """Every programme, grant and provider of the operation."""
    with records().read() as reading:
        grants = [(grant, kept.line_states(reading, grant.id)) for grant in kept.grants(reading)]
        shown = {"programmes": kept.programmes(reading), "grants": grants, "providers": kept.providers(reading)}
    return render_template("transfers/programmes.html", **shown, mechanisms=MECHANISMS)


@blueprint.route("/programmes/new", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def new_programme() -> Answer:
    """Set a programme up."""
    with records().read() as reading:
        grants, sites, providers = kept.grants(reading), kept.sites(reading), kept.providers(reading)
        form = ProgrammeForm(
            grants=[(grant.id, f"{grant.code} · {grant.title} ({grant.currency})") for grant in grants],
            sites=[(site.id, f"{site.code} · {site.name}") for site in sites],
            providers=[(provider.id, f"{provider.name} ({MECHANISMS[provider.mechanism]})") for provider in providers],
            today=reading.today,
        )
    new_key(form)
    wanting = {"grants": not grants, "sites": not sites, "providers": not providers}
    if not form.validate_on_submit():
        return _page("transfers/new_programme.html", form, wanting=wanting)

    def act(work: Work) -> str:
        made = kept.add_programme(work, form.new({grant.id: grant.currency for grant in grants}))
        return url_for("transfers.programme", programme_id=made)

    try:
        return once(form.key(), act, _("The programme is set up. Plan its first cycle next."))
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _page("transfers/new_programme.html", form, wanting=wanting)


@blueprint.get("/programmes/<uuid:programme_id>")
@needs(Permission.PROGRAMME_PLAN)
def programme(programme_id: UUID) -> str:
    """One programme: what it is for, where it pays, its budget and its cycles."""
    return _programme_page(programme_id, SignOffForm())[0]


@blueprint.post("/programmes/<uuid:programme_id>/sign-off")
@needs(Permission.PROGRAMME_PLAN)
def sign_off(programme_id: UUID) -> Answer:
    """Note the day protection signed the programme off."""
    form = SignOffForm()
    if not form.validate():
        return _programme_page(programme_id, form)

    def act(work: Work) -> str:
        kept.sign_off(work, programme_id, form.on.data)
        return url_for("transfers.programme", programme_id=programme_id)

    try:
        return once(form.key(), act, _("The sign-off by protection is noted."))
    except NotThere:
        raise
    except Refused as refusal:
        form.on.errors = [refusal.fix]
        return _programme_page(programme_id, form)


@blueprint.route("/grants/new", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def new_grant() -> Answer:
    """Enter a donor's money."""
    form = GrantForm()
    if request.method == "GET":
        form.currency.data = records().operation.currency
    new_key(form)
    if not form.validate_on_submit():
        return _page("transfers/new_grant.html", form)

    def act(work: Work) -> str:
        made = kept.add_grant(
            work,
            code=form.code.data.strip(),
            donor=form.donor.data.strip(),
            title=form.title.data.strip(),
            currency=form.currency.data.strip().upper(),
        )
        return url_for("transfers.grant", grant_id=made)

    try:
        return once(form.key(), act, _("The grant is entered. Enter its budget lines next."))
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _page("transfers/new_grant.html", form)


@blueprint.route("/grants/<uuid:grant_id>/kept", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def grant_kept(grant_id: UUID) -> Answer:
    """How long a grant's records are kept: until then nobody it paid for is erased."""
    with records().read() as reading:
        one = reading.session.get(Grant, grant_id)
        if one is None:
            raise NotThere
    form = KeptForm()
    if request.method == "GET":
        form.until.data = one.kept_until
    new_key(form)
    if not form.validate_on_submit():
        return _page("transfers/grant_kept.html", form, grant=one)

    def act(work: Work) -> str:
        keep_grant_until(work, grant_id, form.until.data)
        return url_for("transfers.grant", grant_id=grant_id)

    try:
        return once(form.key(), act, _("Entered. Until then nobody this grant paid for is erased."))
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _page("transfers/grant_kept.html", form, grant=one)


@blueprint.route("/grants/<uuid:grant_id>", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def grant(grant_id: UUID) -> Answer:
    """One grant with its budget lines, and the next line to enter."""
    with records().read() as reading:
        one = reading.session.get(Grant, grant_id)
        if one is None:
            raise NotThere
        lines = kept.line_states(reading, grant_id)
    form = BudgetLineForm(one.currency)
    new_key(form)
    if not form.validate_on_submit():
        return _page("transfers/grant.html", form, grant=one, lines=lines)

    def act(work: Work) -> str:
        kept.add_budget_line(
            work, grant_id=grant_id, code=form.code.data.strip(), title=form.title.data.strip(), amount_minor=form.amount.minor
        )
        return url_for("transfers.grant", grant_id=grant_id)

    try:
        return once(form.key(), act, _("The budget line is entered."))
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _page("transfers/grant.html", form, grant=one, lines=lines)


@blueprint.route("/providers/new", methods=["GET", "POST"])
@needs(Permission.PROGRAMME_PLAN)
def new_provider() -> Answer:
    """Enter who pays people out, with the columns of the file it receives. Two buttons only change the lines and come back."""
    form = ProviderForm()
    new_key(form)
    if request.method == "GET" or "usual" in request.form:
        form.usual_columns()
    elif "add_line" in request.form:
        form.add_column()
    if {"usual", "add_line"} & set(request.form):
        return _page("transfers/new_provider.html", form, status=200)
    if not form.validate_on_submit():
        return _page("transfers/new_provider.html", form)

    def act(work: Work) -> str:
        chosen = form.chosen() or None
        kept.add_provider(
            work, code=form.code.data.strip(), name=form.name.data.strip(), mechanism=Mechanism(form.mechanism.data), columns=chosen
        )
        return url_for("transfers.programmes")

    try:
        return once(form.key(), act, _("The provider is entered."))
    except Refused as refusal:
        form.form_errors.append(refusal.fix)
        return _page("transfers/new_provider.html", form)


def _programme_page(programme_id: UUID, form: SignOffForm) -> tuple[str, int]:
    new_key(form)
    with records().read() as reading:
        view = kept.programme_view(reading, programme_id)
        columns = {place.provider.id: kept.columns_of(place.provider.columns) for place in view.places}
    page = render_template(
        "transfers/programme.html", view=view, form=form, columns=columns, mechanisms=MECHANISMS, fields=FIELDS, cycle_words=CYCLES
    )
    return page, 422 if form.errors else 200


def _page(
    template: str, form: GrantForm | ProviderForm | ProgrammeForm | BudgetLineForm, status: int | None = None, **shown: object
) -> Answer:
    refused = form.is_submitted() if status is None else False
    return render_template(template, form=form, mechanisms=MECHANISMS, **shown), 422 if refused else 200
