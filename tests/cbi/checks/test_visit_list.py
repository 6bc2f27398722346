"""The visit list: all households, always, in registration order, with nothing that tells who was visited."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cbi.access import OFFICE_ROLES, Role
from cbi.store.records import Records
from tests import make_checks, make_people
from tests.cbi.checks.pages import choices_url, private_url
from tests.make import Visitor


def list_url(site_id) -> str:
    return f"/visits/at/{site_id}"


def test_e10_every_household_stands_in_registration_order_without_a_name(records: Records, visitor: Callable[..., Visitor]):
    site = make_people.site(records)
    households = [make_people.household(records, site, shelter=f"Block {place}") for place in range(3)]

    page = visitor(Role.REGISTRAR, site_id=site).see("/visits")

    assert re.findall(r"/visits/([0-9a-f-]{36})/choices", page) == [str(one) for one in households]
    assert "Block 1" in page
    assert "Moonbeam" not in page


@pytest.mark.parametrize("query", ["sex=f", "status=widow", "sort=shelter", "sort=-number", "q=x", "band=high", "done=1"])
def test_e10_choosing_whom_to_visit_is_refused_with_the_same_words_whatever_is_asked(
    records: Records, visitor: Callable[..., Visitor], query: str
):
    site = make_people.site(records)
    one = visitor(Role.REGISTRAR, site_id=site)

    pages = {one.see(f"{list_url(site)}?{asked}", 422) for asked in (query, "nothing=known")}

    assert len(pages) == 1
    assert "registration order" in pages.pop()


def test_e09_the_visit_list_has_the_same_bytes_before_and_after_any_visit(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    mine, registrar = visitor(person_id=made.interviewer), visitor(Role.REGISTRAR, site_id=made.site_id)
    before = [_masked(one.client.get(list_url(made.site_id)).text) for one in (mine, registrar)]

    url = private_url(mine, made.households[0])
    mine.post(url, make_checks.private_fields(make_checks.private_answers(7), reporting=False))
    mine.send(choices_url(made.households[0]), {"keep": "keep", "agreed": "yes"})
    registrar.send(choices_url(made.households[1]), {"h01": "none"})

    after = [_masked(one.client.get(list_url(made.site_id)).text) for one in (mine, registrar)]
    assert len(make_checks.letters(records)) == 3
    assert after == before


def _masked(page: str) -> str:
    return re.sub(r'(name="csrf_token" value=")[^"]+', lambda found: found[1], page)


def test_both_buttons_are_the_same_for_every_household(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)

    page = visitor(person_id=made.interviewer).see(list_url(made.site_id))

    for household in made.households:
        assert page.count(f"/visits/{household}/before") == page.count(f"/visits/{household}/choices") == 1


def test_the_list_is_paged_on_the_server(records: Records, visitor: Callable[..., Visitor]):
    site = make_people.site(records)
    households = [make_people.household(records, site) for _ in range(53)]

    one = visitor(Role.REGISTRAR, site_id=site)
    pages = [re.findall(r"/visits/([0-9a-f-]{36})/choices", one.see(f"{list_url(site)}?page={page}")) for page in (1, 2)]

    assert [len(page) for page in pages] == [50, 3]
    assert pages[0] + pages[1] == [str(household) for household in households]


def test_the_list_asks_the_database_the_same_number_of_questions_however_long_it_is(records: Records):
    import sqlalchemy as sa

    from cbi.checks.visits import visit_list
    from cbi.web.listing import ListingArgs

    site = make_people.site(records)
    asked: list[str] = []
    sa.event.listen(records.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    counts = []
    for households in (2, 5):
        for _ in range(households):
            make_people.household(records, site)
        asked.clear()
        with records.read() as reading:
            visit_list(reading, site, ListingArgs(sort="number"))
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_somebody_who_works_everywhere_chooses_a_place(records: Records, visitor: Callable[..., Visitor]):
    site = make_people.site(records)
    make_people.household(records, site)

    page = visitor(Role.REGISTRAR).see("/visits")

    assert list_url(site) in page


def test_only_people_who_visit_see_the_list(records: Records, visitor: Callable[..., Visitor]):
    site = make_people.site(records)

    seen = {role for role in OFFICE_ROLES if visitor(role).client.get(list_url(site)).status_code == 200}

    assert seen == {Role.REGISTRAR, Role.INTERVIEWER}


def test_today_counts_the_households_and_the_own_pages_of_the_day(records: Records, visitor: Callable[..., Visitor]):
    made = make_checks.opened(records)
    mine = visitor(person_id=made.interviewer)

    mine.see(private_url(mine, made.households[0]))

    page = mine.see("/")
    assert "Households to visit" in page
    assert "Pages you opened today" in page
    assert "Pages you opened today" not in visitor(Role.REGISTRAR, site_id=made.site_id).see("/")
