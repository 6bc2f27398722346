"""A small app that shows every piece once, with invented contents: the subject of the tests of pieces, and of the eye."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask, Response, flash, render_template, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from cbi.web import assets, filters
from cbi.web.evidence import Cell, Compared, Comparison, Excerpt, MapColumn, Seen, SheetRow
from cbi.web.footing import Footing, Sum, Term
from cbi.web.forms import PlainForm, PlainPart
from cbi.web.listing import Listing, listing_args
from cbi.web.nav import Chrome, Language, Section, at

ROOT = Path(__file__).parents[3]
PNTA = ("pnta", "Prefers not to answer")
FRAMES = ("office", "room", "ask", "plain")


def choices(*pairs: tuple[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


class MemberForm(PlainPart, Form):
    given = StringField("Name", [DataRequired("enter a name, for example Juniper")])
    born = StringField("Born, or age")
    sex = SelectField("Sex", choices=choices(("f", "Female"), ("m", "Male")))


class GalleryForm(PlainForm):
    client_key = HiddenField(default="11111111-1111-4111-8111-111111111111")
    given = StringField("Given names", [DataRequired("enter the given names, for example Juniper")])
    phone = StringField("Phone", description="With the country in front.")
    site = SelectField("Site", choices=choices(("bf", "Bahari Field"), ("om", "Old Mill")))
    sex = RadioField("Sex", [InputRequired("choose a sex, for example Female")], choices=choices(("f", "Female"), ("m", "Male")))
    why = TextAreaField("Reason")
    agrees = BooleanField("The person agrees")
    needs = SelectMultipleField("Needs", choices=choices(("seat", "A seat"), ("shade", "Shade")))
    file = FileField("Payout file", [DataRequired("choose a file, for example payout.xlsx")])
    h20 = RadioField("Is mobile money fine?", choices=choices(("fine", "Fine"), ("cash", "Cash at a place"), PNTA))
    h01 = SelectMultipleField(
        "What would make it easier?", choices=choices(("nothing", "Nothing needed"), ("day", "Going in daylight"), PNTA)
    )
    hours = SelectMultipleField("Hours", choices=choices(("sun-am", ""), ("mon-am", "")))
    answer = RadioField(
        "After asking, what is true?", choices=choices(("two", "They are two households"), ("same", "It is the same household"))
    )
    password = PasswordField("Password", [DataRequired("enter your password")])
    code = StringField("Code")
    column_b = SelectField("B", choices=choices(("reference", "Our reference"), ("", "Not used")))
    column_e = SelectField("E", choices=choices(("phone", "Phone"), ("", "Not used")))
    members = FieldList(FormField(MemberForm), min_entries=2)


def make_app(frame: str = "office", *, direction: str = "ltr") -> Flask:
    app = Flask("gallery", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "cbi" / "static"))
    app.config.update(TESTING=True, SECRET_KEY="for the gallery only", BABEL_DEFAULT_TIMEZONE="Africa/Nairobi")
    Babel(app)
    CSRFProtect(app)
    filters.install(app)
    assets.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # as the real app has them
    app.jinja_loader.searchpath.append(str(Path(__file__).parent / "pages"))  # type: ignore[union-attr]
    chrome = _chrome(frame, direction)
    app.context_processor(lambda: {"chrome": chrome})

    @app.route("/", methods=["GET", "POST"])
    def gallery() -> str:
        if request.args.get("said"):
            flash("Posted. 12,249 rows are in the ledger since 11:42.", "ok")
        form = GalleryForm()
        if request.method == "POST":
            form.validate()
        return render_template(f"{frame}.html", form=form, **_contents(form))

    asked: list[str] = []

    @app.route("/work")
    def work() -> str:
        asked.append("once more")
        return render_template("work.html", done=len(asked), total=3)

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        return response

    return app


def _chrome(frame: str, direction: str) -> Chrome:
    sections = (
        Section("Today", "/today"),
        Section("Payout files", "/"),
        Section("Payment lists", "/lists"),
        Section("Statements", "/statements"),
        Section("Journal", "/journal"),
    )
    arabic = direction == "rtl"
    return Chrome(
        world="room" if frame == "room" else "office",
        office="Support · Kharwa" if frame == "room" else "Kharwa office",
        person="Rana Inkwell",
        role="Finance officer",
        sections=at(sections, "/"),
        demo=True,
        zone_note="times in Kharwa (UTC+3)",
        languages=(Language("en", "English", "?lang=en"), Language("ar", "العربية", "?lang=ar", "rtl")),
        lang="ar" if arabic else "en",
        dir="rtl" if arabic else "ltr",
        signed_in=frame in ("office", "room"),
        account_url="/me" if frame == "office" else "",
        sign_out_url="/out",
        leave_url="/calendar",
        feedback_url="/feedback",
        locks_in="Open, locks in 14 min" if frame == "room" else "",
    )


def _contents(form: GalleryForm) -> dict[str, object]:
    asked = listing_args(request.args, sorts=("number", "amount"), filters=("q", "site"))
    rows = [("TKW3D8QH", "BH-10003-5", 825000), ("TKN6R2VX", "BH-10007-8", 700000), ("TKJ9C4MP", "BH-10011-6", None)]
    return {
        "listing": Listing(rows, 12602, asked),
        "closing": footing(unreadable=0),
        "open": footing(unreadable=700000),
        "comparison": Comparison(
            "New, not saved",
            "Registered BH-19882-1",
            (
                Compared("Phone", "+999 555 0142", "+999 555 0142", Seen.SAME),
                Compared("Head", "زهرة الخيالية", "زهره الخياليه", Seen.ALIKE, "Sounds alike", "often exchanged"),
                Compared("Document", "None given", "KH·····71", Seen.UNKNOWN),
                Compared("Block", "C, tent 31", "A, tent 4", Seen.DIFFERS),
            ),
        ),
        "excerpt": Excerpt(
            ("B", "C", "D"),
            (
                SheetRow(8, (Cell("Txn Ref"), Cell("Receiver"), Cell("Amount (KES)", right=True))),
                SheetRow(212, (Cell("TKM7Q4H9"), Cell("NEELA KALFONIC", hit=True), Cell("7,000", right=True))),
            ),
        ),
        "columns": _columns(form),
        "when": datetime(2026, 11, 20, 13, 12, tzinfo=UTC),
        "on": date(2026, 11, 23),
        "days": [("sun", "Sun"), ("mon", "Mon"), ("tue", "Tue"), ("wed", "Wed"), ("thu", "Thu")],
        "parts": [("am", "Morning"), ("noon", "Midday"), ("pm", "Afternoon")],
        "kinds": (
            "PAID", "PAID_BEFORE", "PAID_LESS", "PAID_MORE", "PAID_TWICE", "FAILED", "RETURNED", "MISSING", "SUGGESTED",
            "WRONG_PAYEE", "WRONG_CURRENCY", "CONTRADICTS", "NOT_INSTRUCTED", "NOT_OURS", "UNREADABLE",
        ),
    }  # fmt: skip


def _columns(form: GalleryForm) -> tuple[MapColumn, ...]:
    return (
        MapColumn(
            "B",
            form.column_b,
            (Cell("Txn Ref"), Cell("TKW2R8KD"), Cell("TKD9H4VN"), Cell("TKX5P2RD")),
            words="All have a right check digit",
        ),
        MapColumn(
            "E",
            form.column_e,
            (Cell("MSISDN"), Cell("9995550108", right=True), Cell("9995550117", right=True), Cell("9.99556E+09", hit=True)),
            state="doubt",
            words="3 rows lost their digits",
        ),
    )


def footing(*, unreadable: int) -> Footing:
    """The strip of the invented file; `unreadable` minor units have no place."""
    return Footing(
        "KES",
        (
            Sum(
                "What we asked for",
                Term(8694700000, "instructed, 12,421"),
                (Term(8130650000, "delivered", "delivered"), Term(564050000, "open", "open")),
            ),
            Sum(
                "What the file says was paid",
                Term(8223750000 + unreadable, "read, less 266,000.00 reversed"),
                (Term(8130650000, "delivered", "delivered"), Term(51800000, "suspense", "held"), Term(41300000, "set aside", "aside")),
            ),
        ),
        note="12,250 rows read, the same by a second count, 0 unreadable.",
    )
