"""The words people read for what a column of a registration file can hold."""

from __future__ import annotations

from flask_babel import LazyString

from cbi.people.imports_targets import Target
from cbi.web.words import _l

TARGETS: dict[Target, LazyString] = {
    Target.SITE: _l("Site"),
    Target.SHELTER: _l("Block and shelter"),
    Target.GROUP: _l("Population group"),
    Target.LANGUAGE: _l("Language"),
    Target.CONSENT: _l("Consent"),
    Target.CONSENT_LANGUAGE: _l("Language of the consent"),
    Target.PHONE: _l("Phone"),
    Target.PHONE_2: _l("Second phone"),
    Target.ACCOUNT_KIND: _l("Kind of account"),
    Target.ACCOUNT: _l("Account"),
    Target.ALTERNATE_NAME: _l("Alternate collector"),
    Target.DAY: _l("Day of registration"),
    Target.NAME: _l("Whole name"),
    Target.GIVEN: _l("Given names"),
    Target.MIDDLE: _l("Middle names"),
    Target.FAMILY: _l("Family name"),
    Target.LATIN: _l("Name in Latin letters"),
    Target.SEX: _l("Sex"),
    Target.RELATION: _l("Relation to the head"),
    Target.BIRTH: _l("Born: date, year or age"),
    Target.BIRTH_DATE: _l("Date of birth"),
    Target.BIRTH_YEAR: _l("Year of birth"),
    Target.AGE: _l("Age"),
    Target.DOCUMENT_KIND: _l("Kind of document"),
    Target.DOCUMENT: _l("Document number"),
    Target.COLLECTS: _l("Recipient or alternate"),
    Target.SEEING: _l("Difficulty seeing"),
    Target.HEARING: _l("Difficulty hearing"),
    Target.WALKING: _l("Difficulty walking"),
    Target.REMEMBERING: _l("Difficulty remembering"),
    Target.CARING: _l("Difficulty with self-care"),
    Target.COMMUNICATING: _l("Difficulty communicating"),
    Target.SOURCE: _l("Id of the submission"),
    Target.KEY: _l("Number of the household in the file"),
    Target.PARENT: _l("Number of the person’s household"),
}
