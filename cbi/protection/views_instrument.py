"""The pages on which a specialist adapts the questions: versions, words side by side, entries, approval, and the file for the office."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.errors import NotThere, Refused
from cbi.protection import instruments, unlock
from cbi.protection.forms_instrument import (
    ApproveForm,
    EntryForm,
    LanguageForm,
    VersionForm,
    WordsForm,
    points_form,
    words_form,
)
from cbi.protection.history import officer_names
from cbi.protection.instruments import State, Version
from cbi.protection.letters import INSTRUMENT
from cbi.protection.tables import Officer
from cbi.protection.views import blueprint, questions_unknown, room
from cbi.web.again import Answer, form_page
from cbi.web.downloads import download
from cbi.web.guard import needs
from cbi.web.house import person
from cbi.web.locale import LANGUAGES
from cbi.web.words import _, _l, listed
from screening import Mistake, Package, UnreadableInstrument, editing, open_package
from screening.editing import Kind, Place

Change = Callable[[Package], Package]
_NEW = "new"
SOURCE = "en"
STATES = {
    State.SHIPPED: ("", "dashed", _l("Comes with the program")),
    State.EARLIER: ("", "dashed", _l("Came with an earlier program")),
    State.DRAFT: ("wait", "half", _l("Draft")),
    State.APPROVED: ("ok", "done", _l("Approved")),
    State.USED: ("held", "lock", _l("In letters")),
}
KINDS = {Kind.ITEM: _l("Questions"), Kind.RULE: _l("Concerns"), Kind.MEASURE: _l("Measures")}
PARTS = {
    "about": _l("About itself"),
    "implicit_options": _l("Answers of every question"),
    "bands": _l("Bands"),
    "domains": _l("Subjects"),
    "items": _l("Questions"),
    "rules": _l("Concerns"),
    "measures": _l("Measures"),
    "site_answers": _l("Answers about places"),
    "site_items": _l("Lines about places"),
    "site_rules": _l("Concerns about places"),
    "site_fixes": _l("What places put right"),
    "gates": _l("Before private questions"),
    "session_gates": _l("Before we start"),
    "explanations": _l("Explanations"),
}
_EXAMPLES = {
    Kind.ITEM: '[[item]]\nid = "H30"\npage = "private"\ndomain = "CTRL"\ntype = "select_one"\nsensitivity = 2\nasked_of = "recipient"\n'
    'options = [\n  { id = "yes", points = 0 },\n  { id = "no", points = 1 },\n]\n',
    Kind.RULE: '[[rule]]\nid = "R30"\nband = "high"\ntrack = "support"\nwhen = [{ item = "H05", any_of = ["no"] }]\n',
    Kind.MEASURE: '[[measure]]\nid = "M_NEW"\neffect = "none"\nagree = true\nowner = "programme"\n',
}


@blueprint.get("/questions")
@needs(Permission.INSTRUMENT_READ)
def instruments_page() -> str:
    """Every version there is, and what each says about itself."""
    with room().read() as reading:
        found, names = instruments.versions(reading), officer_names(reading)
    return render_template(
        "protection/instruments.html",
        versions=[(one, STATES[one.state], names.get(one.approved_by, "") if one.approved_by else "") for one in found],
        notice=_notice(found[-1].package),
        questions_unknown=questions_unknown(),
        may_edit=person().may(Permission.INSTRUMENT_EDIT),
        form=VersionForm(),
    )


@blueprint.post("/questions/begin")
@needs(Permission.INSTRUMENT_EDIT)
def instrument_begin() -> Response:
    """Begin a version from the one whose button was pressed, or else from the shipped one."""
    with room().work(person().id) as work:
        number = instruments.begin(work, request.form.get("base") or Package.shipped(INSTRUMENT).version)
    return redirect(url_for("protection.instrument", number=number), 303)


@blueprint.get("/questions/<number>")
@needs(Permission.INSTRUMENT_READ)
def instrument(number: str) -> str:
    """One version: what the check finds, what it is made of, and what can be done with it."""
    return _page(_read(number), VersionForm(), LanguageForm())


@blueprint.route("/questions/<number>/words/<language>", methods=["GET", "POST"])
@needs(Permission.INSTRUMENT_EDIT)
def instrument_words(number: str, language: str) -> Answer:
    """The words of one part in one language, each beside its source and what the check says about it."""
    found = _draft(number)
    if language not in found.package.languages:
        raise NotThere
    parts = list(dict.fromkeys(place[0] for place in editing.needed(found.package, language)))
    part = request.args.get("part", "items")
    places = _question_first(place for place in editing.needed(found.package, language) if place[0] == part)
    form = words_form(places, editing.words(found.package, language)).begin(found.revision)

    def act() -> Answer:
        _save(number, form.seen, lambda package: editing.put_words(package, language, form.said()))
        return redirect(url_for("protection.instrument_words", number=number, language=language, part=part), 303)

    return form_page(form, act, lambda status: (_words_page(found, form, language, parts, part), status))


@blueprint.route("/questions/<number>/points/<key>", methods=["GET", "POST"])
@needs(Permission.INSTRUMENT_EDIT)
def instrument_points(number: str, key: str) -> Answer:
    """On which page one question stands, and what its options count."""
    found = _draft(number)
    if key not in editing.ids(found.package, Kind.ITEM):
        raise NotThere
    form = points_form(found.package, key).begin(found.revision)

    def act() -> Answer:
        _save(number, form.seen, lambda package: editing.put_points(package, key, form.points(), form.page.data or ""))
        return redirect(url_for("protection.instrument", number=number) + "#item", 303)

    def page(status: int) -> Answer:
        shown = render_template(
            "protection/instrument_points.html",
            version=found,
            key=key,
            title=_title(found.package, Kind.ITEM, key),
            form=form,
            lines=[(_option_words(found.package, key).get(option, option), cell) for option, cell in form.lines()],
            problems=_about(found.problems(), key),
        )
        return shown, status

    return form_page(form, act, page)


@blueprint.route("/questions/<number>/<any(item, rule, measure):kind>/<key>", methods=["GET", "POST"])
@needs(Permission.INSTRUMENT_EDIT)
def instrument_entry(number: str, kind: str, key: str) -> Answer:
    """One question, concern or measure as it stands in the file; a new one begins with an example."""
    found, sort = _draft(number), Kind(kind)
    if key != _NEW and key not in editing.ids(found.package, sort):
        raise NotThere
    form = EntryForm(entry=_EXAMPLES[sort] if key == _NEW else editing.block(found.package, sort, key)).begin(found.revision)

    def act() -> Answer:
        _save(number, form.seen, lambda package: editing.put_block(package, sort, form.entry.data or ""))
        return redirect(url_for("protection.instrument", number=number) + f"#{sort}", 303)

    def page(status: int) -> Answer:
        shown = render_template(
            "protection/instrument_entry.html",
            version=found,
            kind=sort,
            heading=KINDS[sort],
            key="" if key == _NEW else key,
            form=form,
            problems=[] if key == _NEW else _about(found.problems(), key),
        )
        return shown, status

    return form_page(form, act, page)


@blueprint.post("/questions/<number>/<any(item, rule, measure):kind>/<key>/remove")
@needs(Permission.INSTRUMENT_EDIT)
def instrument_remove(number: str, kind: str, key: str) -> Answer:
    """Leave an entry out, with its words in every language."""
    found, form = _draft(number), VersionForm()
    if key not in editing.ids(found.package, Kind(kind)):
        raise NotThere

    def act() -> Answer:
        _save(number, form.seen, lambda package: editing.remove_block(package, Kind(kind), key))
        return redirect(url_for("protection.instrument", number=number) + f"#{kind}", 303)

    return form_page(form, act, lambda status: (_page(_draft(number), form, LanguageForm()), status))


@blueprint.post("/questions/<number>/languages")
@needs(Permission.INSTRUMENT_EDIT)
def instrument_language(number: str) -> Answer:
    """Begin a translation."""
    form = LanguageForm()

    def act() -> Answer:
        _save(number, form.seen, lambda package: editing.add_language(package, (form.code.data or "").strip()))
        return redirect(url_for("protection.instrument", number=number), 303)

    return form_page(form, act, lambda status: (_page(_draft(number), VersionForm(), form), status))


@blueprint.post("/questions/<number>/discard")
@needs(Permission.INSTRUMENT_EDIT)
def instrument_discard(number: str) -> Answer:
    """Throw a draft away."""
    form = VersionForm()

    def act() -> Answer:
        with room().work(person().id) as work:
            instruments.discard(work, number, seen=form.seen)
        flash(_("The draft is gone."), "ok")
        return redirect(url_for("protection.instruments_page"), 303)

    return form_page(form, act, lambda status: (_page(_draft(number), form, LanguageForm()), status))


@blueprint.route("/questions/<number>/approve", methods=["GET", "POST"])
@needs(Permission.INSTRUMENT_READ)
def instrument_approve(number: str) -> Answer:
    """A second officer reads it, proves who she is, and approves."""
    found = _draft(number)
    form = ApproveForm().begin(found.revision)

    def act() -> Answer:
        _prove(form)
        with room().work(person().id) as work:
            instruments.approve(work, number, seen=form.seen)
        flash(_("Approved. From now on nobody changes this version."), "ok")
        return redirect(url_for("protection.instrument", number=number), 303)

    def page(status: int) -> Answer:
        shown = render_template(
            "protection/instrument_approve.html",
            version=found,
            form=form,
            problems=found.problems(),
            mine=person().id in found.editors,
            items=_questions(found.package),
        )
        return shown, status

    return form_page(form, act, page)


@blueprint.post("/questions/<number>/file")
@needs(Permission.INSTRUMENT_EDIT)
def instrument_file(number: str) -> Answer:
    """An approved version as one file. The office's administrator puts it in use by a command."""
    form = VersionForm()

    def act() -> Answer:
        with room().work(person().id) as work:
            content = instruments.hand_out(work, number, room().keys)
        return download(content, f"questions-{number}.json", "application/json")

    return form_page(form, act, lambda status: (_page(_read(number), form, LanguageForm()), status))


def _read(number: str) -> Version:
    with room().read() as reading:
        return instruments.version(reading, number)


def _draft(number: str) -> Version:
    with room().read() as reading:
        return instruments.draft(reading, number)


def _save(number: str, seen: int | None, change: Change) -> None:
    """Change a draft. seen: the revision the page was drawn from. Raises Refused with everything that cannot be read in the change."""
    with room().work(person().id) as work:
        try:
            package = change(instruments.draft(work, number).package)
        except UnreadableInstrument as problem:
            raise Refused("; ".join(mistake.fix for mistake in problem.mistakes)) from problem
        instruments.save(work, number, package, seen=seen)
    flash(_("Saved."), "ok")


def _prove(form: ApproveForm) -> None:
    with room().locked.read() as reading:
        officer = reading.session.get(Officer, person().id)
    assert officer is not None
    proved = unlock.prove(room(), officer.sign_in_name, form.passphrase.data or "", form.code.data or "")
    if proved.officer_id != person().id:
        raise Refused(_("sign with your own passphrase and code"))


def _page(found: Version, form: VersionForm, language: LanguageForm) -> str:
    with room().read() as reading:
        names = officer_names(reading)
    problems = found.problems()
    may_edit = person().may(Permission.INSTRUMENT_EDIT)
    return render_template(
        "protection/instrument.html",
        version=found,
        state=STATES[found.state],
        is_draft=found.state is State.DRAFT,
        approved_by=names.get(found.approved_by, "") if found.approved_by else "",
        editors=listed(sorted(names.get(one, "") for one in found.editors)),
        problems=problems,
        kinds=[(kind, heading, [(one, _title(found.package, kind, one), bool(_about(problems, one))) for one in editing.ids(found.package, kind)])
               for kind, heading in KINDS.items()],
        languages=[(code, LANGUAGES.get(code, code)) for code in found.package.languages],
        notice=_notice(found.package),
        may_edit=may_edit,
        may_hand_out=may_edit and found.state in (State.APPROVED, State.USED),
        form=form.begin(found.revision),
        language=language.begin(found.revision),
    )  # fmt: skip


def _words_page(found: Version, form: WordsForm, language: str, parts: Sequence[str], part: str) -> str:
    source = Package.shipped(found.package.name) if language == SOURCE else found.package
    said = editing.words(source, SOURCE)
    problems = [one for one in found.problems() if one.place.split(":")[0] == f"{language}.toml"]
    lines = [(".".join(place[1:]), said.get(place, ""), cell, _of(problems, place)) for place, cell in form.lines()]
    return render_template(
        "protection/instrument_words.html",
        version=found,
        form=form,
        lines=lines,
        language=language,
        called=LANGUAGES.get(language, language),
        is_source=language == SOURCE,
        parts=[
            (one, PARTS.get(one, one), any(_of(problems, place) for place in editing.needed(found.package, language) if place[0] == one))
            for one in parts
        ],
        part=part,
    )


def _question_first(places: Iterable[Place]) -> list[Place]:
    """Texts in the order of the file, but each question before its own options."""
    found = list(places)
    order = {key: number for number, key in enumerate(dict.fromkeys(place[1:2] for place in found))}
    return sorted(found, key=lambda place: (order[place[1:2]], "options" in place[2:3]))


def _of(problems: Sequence[Mistake], place: Place) -> list[str]:
    """What the check says about one text: it names it by its whole place, or by the entry it belongs to."""
    match place:
        case (_, item, "options", option):
            entry = f"{item}, {option}"
        case ("implicit_options", option):
            entry = f"implicit option {option}"
        case (_, item, *_):
            entry = item
        case _:
            entry = ""
    whole = re.compile(rf"(?<![\w.]){re.escape('.'.join(place))}(?![\w.])")
    return [one.fix for one in problems if whole.search(one.fix) or one.place.partition(": ")[2] == entry]


def _about(problems: Sequence[Mistake], key: str) -> list[str]:
    """What the check says about one entry, wherever it names it."""
    named = re.compile(rf"\b{re.escape(key)}\b")
    return [f"{one.place}: {one.fix}" for one in problems if named.search(one.place) or named.search(one.fix)]


def _title(package: Package, kind: Kind, key: str) -> str:
    places: dict[Kind, Place] = {
        Kind.ITEM: ("items", key, "wording"),
        Kind.RULE: ("rules", key),
        Kind.MEASURE: ("measures", key, "title"),
    }
    return editing.words(package, SOURCE).get(places[kind], "")


def _option_words(package: Package, item: str) -> dict[str, str]:
    return {place[3]: text for place, text in editing.words(package, SOURCE).items() if place[:3] == ("items", item, "options")}


def _questions(package: Package) -> list[tuple[str, str, str]]:
    """What is asked, with its options, for whoever reads it through before approving."""
    return [
        (key, _title(package, Kind.ITEM, key), " · ".join(_option_words(package, key).values())) for key in editing.ids(package, Kind.ITEM)
    ]


def _notice(package: Package) -> str:
    return open_package(package).notice if SOURCE in package.languages else ""
