"""The only wiring: one application, one world per process. It refuses to start with a page that declares no permission."""

from __future__ import annotations

from hashlib import sha256
from importlib import import_module
from pathlib import Path

from flask import Flask

from cbi.access import Permission
from cbi.paths import bundled
from cbi.settings import Settings, World
from cbi.store.engines import read_in_place
from cbi.store.records import Records, open_office
from cbi.store.sessions import Shelf
from cbi.web import assets, filters, frame, guard, home, locale, safety
from cbi.web.house import House, Section
from cbi.web.sessions import ServerSessions
from cbi.web.words import _l

_TODAY = Section(Permission.HOME, _l("Today"), "home.today")
# From the ground up; each folder's views module offers `blueprint`, and may offer `SECTIONS`.
OFFICE_SUBJECTS = ("staff", "sites", "people", "transfers", "payouts", "checks", "feedback", "reading_room")


def create_app(settings: Settings, world: World, *, records: Records | None = None) -> Flask:
    """An application of one world.

    Raises UnsafeSettings when the world cannot be opened safely, UnguardedPage when a page declares no permission.
    """
    return office_app(settings, records or open_office(settings)) if world == "office" else room_app(settings)


def office_app(settings: Settings, records: Records) -> Flask:
    """The office: every subject but the room, whose code it never imports."""
    read_in_place(records.engine)
    find_person = import_module("cbi.staff.service").find_person
    views = [import_module(f"cbi.{subject}.views") for subject in OFFICE_SUBJECTS]
    for subject in OFFICE_SUBJECTS:  # whoever has a say when households change adds itself when it is loaded
        if _has(subject, "lives"):
            import_module(f"cbi.{subject}.lives")
    days = [import_module(f"cbi.{subject}.today") for subject in OFFICE_SUBJECTS if _has(subject, "today")]
    besides = [import_module(f"cbi.{subject}.beside") for subject in OFFICE_SUBJECTS if _has(subject, "beside")]
    holders = [import_module(f"cbi.{subject}.held") for subject in OFFICE_SUBJECTS if _has(subject, "held")]
    mine = House(
        settings=settings,
        world="office",
        clock=records.clock,
        operation=records.operation,
        shelf=Shelf(records.engine, records.system, records.clock),
        find_person=lambda person_id: find_person(records, person_id),
        sign_in_endpoint="staff.sign_in",
        records=records,
        today=tuple(day.today for day in days),
        panels=tuple(day.panels for day in days if hasattr(day, "panels")),
        beside=tuple(one.beside for one in besides),
        held=tuple(holder.held for holder in holders),
        sections=(_TODAY, *(section for view in views for section in getattr(view, "SECTIONS", ()))),
    )
    app = bare_app(mine, secret=sha256(b"forms" + records.keyring.signing_seed).digest())
    for view in views:
        app.register_blueprint(view.blueprint)
    guard.declared(app)
    return app


def room_app(settings: Settings) -> Flask:
    """The room: its own templates, database, keys and words."""
    build = import_module("cbi.protection.wiring").build
    app: Flask = build(settings, bare_app)
    guard.declared(app)
    return app


def bare_app(mine: House, *, secret: bytes) -> Flask:
    """What both worlds share: templates, safety, sessions, language, frame and Today."""
    app = Flask("cbi", template_folder=str(bundled("templates")), static_folder=str(Path(__file__).parent / "static"))
    secure = mine.settings.secure_cookies
    app.config.update(SECRET_KEY=secret, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    app.extensions["cbi"] = mine
    app.session_interface = ServerSessions(lambda: mine.shelf, secure=secure, world=mine.world)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    locale.install(app, mine.world)
    safety.protect(app, secure=secure)
    filters.install(app)
    assets.install(app)
    frame.install(app)
    app.register_blueprint(home.blueprint)
    return app


def _has(subject: str, module: str) -> bool:
    return (Path(__file__).parent / subject / f"{module}.py").is_file()
