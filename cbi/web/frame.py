"""Fills the frame of every page: who is signed in, where they can go, and the words around them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, g, request, url_for

from cbi.access import Role
from cbi.web.assets import asset
from cbi.web.house import House, Person, house, person_or_none
from cbi.web.locale import LANGUAGES, direction, language
from cbi.web.nav import Chrome, Language, Section, at
from cbi.web.words import _, _l

ROLE_NAMES = {
    Role.REGISTRAR: _l("Registrar"),
    Role.INTERVIEWER: _l("Interviewer"),
    Role.LEAD: _l("Distribution lead"),
    Role.HELP_DESK: _l("Help desk"),
    Role.MANAGER: _l("Programme manager"),
    Role.FINANCE: _l("Finance officer"),
    Role.APPROVER: _l("Finance approver"),
    Role.RELEASER: _l("Finance releaser"),
    Role.FEEDBACK: _l("Feedback officer"),
    Role.MONITORING: _l("Monitoring"),
    Role.AUDITOR: _l("Auditor"),
    Role.DONOR: _l("Donor"),
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.OFFICER: _l("Officer"),
    Role.PROTECTION_LEAD: _l("Lead"),
    Role.PSEA: _l("Focal point"),
    Role.CHILD: _l("Focal point, children"),
    Role.ROOM_AUDITOR: _l("Auditor"),
}


def install(app: Flask) -> None:
    """Give every template `chrome` and `asset`."""
    app.context_processor(lambda: {"chrome": chrome(), "asset": asset})


def chrome() -> Chrome:
    """The frame of the page in hand."""
    mine, someone = house(), person_or_none()
    code = language()
    return Chrome(
        world="office" if mine.world == "office" else "room",
        office=_office_name(mine),
        demo=mine.operation.demo,
        zone_note=_zone_note(mine),
        languages=_languages(),
        lang=code,
        dir="rtl" if direction() == "rtl" else "ltr",
        home_url=_address(mine, "home.today"),
        leave_url=_address(mine, "home.leave"),
        **(_signed_in(mine, someone) if someone else {}),  # type: ignore[arg-type]
    )


def role_words(person: Person) -> str:
    """The seats a person holds, in words; an interviewer is not also called a registrar."""
    roles = set(person.roles)
    if Role.INTERVIEWER in roles:
        roles.discard(Role.REGISTRAR)
    return ", ".join(str(ROLE_NAMES[role]) for role in Role if role in roles)


def _signed_in(mine: House, someone: Person) -> dict[str, object]:
    sections = tuple(Section(str(one.label), _address(mine, one.endpoint)) for one in mine.sections if someone.may(one.permission))
    return {
        "signed_in": True,
        "person": someone.name,
        "role": role_words(someone),
        "place": someone.place,
        "sections": at(sections, "" if g.get("nowhere") else request.path),
        "sign_out_url": _address(mine, mine.sign_in_endpoint.split(".")[0] + ".sign_out"),
        "account_url": _address(mine, "staff.account") if mine.world == "office" else "",
        "locks_in": mine.locks_in(someone) if mine.locks_in else "",
    }


def _address(mine: House, endpoint: str) -> str:
    """Where a page is that every frame points to: worked out once for the life of the application, under each root it is served from."""
    place = request.script_root, endpoint
    if place not in mine.addresses:
        mine.addresses[place] = url_for(endpoint)
    return mine.addresses[place]


def _office_name(mine: House) -> str:
    if mine.world == "office":
        return _("%(name)s office", name=mine.operation.name)
    return _("Support · %(name)s", name=mine.operation.name)


def _zone_note(mine: House) -> str:
    now = mine.clock.now().astimezone(ZoneInfo(mine.operation.zone))
    return _("times in %(place)s (%(zone)s)", place=mine.operation.name, zone=_utc(now))


def _utc(now: datetime) -> str:
    offset = now.strftime("%z")
    hours, minutes = int(offset[1:3]), offset[3:5]
    return "UTC" + (
        "" if not int(offset[1:]) else ("+" if offset[0] == "+" else "\u2212") + str(hours) + (f":{minutes}" if minutes != "00" else "")
    )


def _languages() -> tuple[Language, ...]:
    # A page that does not exist must not even repeat the address that was asked for.
    back = "/" if g.get("nowhere") else request.path
    return tuple(
        Language(code, name, url_for("home.speak", code=code, back=back), "rtl" if code == "ar" else "ltr")
        for code, name in LANGUAGES.items()
    )
