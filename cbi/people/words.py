"""The words people read for each closed list of this subject."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import LazyString

from cbi.people.likeness import Sign
from cbi.people.search import FoundBy
from cbi.people.tables import AccountKind, Consent, DocumentKind, EventKind, HouseholdStatus, PopulationGroup, Relation, ReviewReason, Sex
from cbi.people.tables_verification import Found, VisitReason
from cbi.web.words import _l

WORDS: dict[StrEnum, LazyString] = {
    Sex.FEMALE: _l("Female"),
    Sex.MALE: _l("Male"),
    PopulationGroup.DISPLACED: _l("Displaced"),
    PopulationGroup.REFUGEE: _l("Refugee"),
    PopulationGroup.RETURNEE: _l("Returned"),
    PopulationGroup.HOST: _l("Host community"),
    Relation.HEAD: _l("Head"),
    Relation.SPOUSE: _l("Spouse"),
    Relation.CHILD: _l("Child"),
    Relation.PARENT: _l("Parent"),
    Relation.SIBLING: _l("Sibling"),
    Relation.GRANDCHILD: _l("Grandchild"),
    Relation.OTHER_FAMILY: _l("Other family"),
    Relation.NOT_FAMILY: _l("Not family"),
    Consent.AGREES: _l("Agrees"),
    Consent.DECLINES: _l("Does not agree"),
    Consent.THINKING: _l("Wants to think"),
    HouseholdStatus.REGISTERED: _l("Registered"),
    HouseholdStatus.VERIFIED: _l("Verified"),
    HouseholdStatus.ENROLLED: _l("Enrolled in the programme"),
    HouseholdStatus.WITHDRAWN: _l("Consent taken back"),
    HouseholdStatus.MERGED: _l("Closed: registered twice"),
    AccountKind.MOBILE_MONEY: _l("Mobile money"),
    AccountKind.BANK: _l("Bank account"),
    AccountKind.CARD: _l("Card"),
}
REVIEWS: dict[ReviewReason, LazyString] = {
    ReviewReason.DUPLICATE: _l("Waits: looks like another household"),
    ReviewReason.DOCUMENT: _l("Waits: document to be seen"),
    ReviewReason.PHONE: _l("Waits: phone to be checked"),
    ReviewReason.PROVIDER: _l("Waits: the provider asks"),
}
SIGNS: dict[Sign, LazyString] = {
    Sign.SAME_DOCUMENT: _l("Same document"),
    Sign.SAME_PHONE: _l("Same phone"),
    Sign.SAME_ACCOUNT: _l("Same account"),
    Sign.SAME_NAME: _l("Same name"),
    Sign.NAME_ALIKE: _l("Names are spelled almost alike"),
    Sign.SOUNDS_ALIKE: _l("Names sound alike"),
    Sign.NAME_DIFFERS: _l("Names differ"),
    Sign.BORN_SAME_DAY: _l("Born on the same day"),
    Sign.BORN_NEAR: _l("Born on nearly the same day"),
    Sign.BORN_SAME_YEAR: _l("Born in the same year"),
    Sign.BORN_ONE_APART: _l("Born one year apart"),
    Sign.BORN_TWO_APART: _l("Born two years apart"),
    Sign.BORN_ROUNDED: _l("Ages that may be rounded"),
    Sign.BORN_DIFFERS: _l("Born in different years"),
    Sign.SEX_DIFFERS: _l("Different sex"),
    Sign.MEMBERS_SHARED: _l("Other members are the same"),
    Sign.SAME_SHELTER: _l("Same shelter"),
}
FOUND: dict[FoundBy, LazyString] = {
    FoundBy.NUMBER: _l("Registration number"),
    FoundBy.TOKEN: _l("Paper card"),
    FoundBy.PHONE: _l("Phone"),
    FoundBy.DOCUMENT: _l("Document"),
    FoundBy.ACCOUNT: _l("Account"),
    FoundBy.NAME: _l("Name"),
}
DOCUMENTS: dict[DocumentKind, LazyString] = {
    DocumentKind.NATIONAL_ID: _l("National identity card"),
    DocumentKind.REFUGEE_ID: _l("Refugee document"),
    DocumentKind.PASSPORT: _l("Passport"),
    DocumentKind.BIRTH: _l("Birth certificate"),
    DocumentKind.TOKEN: _l("Paper card"),
    DocumentKind.OTHER: _l("Other document"),
}
EVENTS: dict[EventKind, LazyString] = {
    EventKind.CORRECTED: _l("Corrected"),
    EventKind.ACCOUNT: _l("Account changed"),
    EventKind.CONSENT: _l("Consent text read again"),
    EventKind.WITHDRAWN: _l("Consent taken back"),
    EventKind.REVIEW_OPENED: _l("Waits for an office reason"),
    EventKind.REVIEW_CLOSED: _l("Waits no longer"),
    EventKind.MERGED: _l("Closed: registered twice"),
    EventKind.VERIFIED: _l("Verification visit"),
    EventKind.APPEALED: _l("Appeal"),
}
FOUND_AT_VISIT: dict[Found, LazyString] = {
    Found.VERIFIED: _l("Found as registered"),
    Found.NOT_FOUND: _l("Not found"),
    Found.DIFFERS: _l("Found, but something differs"),
}
VISIT_REASONS: dict[VisitReason, LazyString] = {
    VisitReason.RANDOM: _l("Drawn at random"),
    VisitReason.DUPLICATE: _l("Looks like another, not decided"),
    VisitReason.PHONE: _l("A phone of many households"),
    VisitReason.SIZE: _l("Many people"),
    VisitReason.IMPORT: _l("From a file of which many rows came back"),
}
APPEAL_ANSWERS: dict[str, LazyString] = {"allowed": _l("allowed"), "refused": _l("not allowed")}
FIELDS: dict[str, LazyString] = {
    "site": _l("site"),
    "shelter": _l("shelter"),
    "group": _l("population group"),
    "language": _l("language"),
    "phones": _l("phone"),
    "alternate_name": _l("name of the alternate collector"),
    "recipient": _l("recipient"),
    "alternate": _l("alternate collector"),
    "name": _l("name"),
    "latin": _l("name in Latin letters"),
    "sex": _l("sex"),
    "born": _l("birth"),
    "relation": _l("relation to the head"),
    "documents": _l("document"),
    "difficulties": _l("six questions"),
    "member taken out": _l("a member taken out"),
}
