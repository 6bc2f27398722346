"""The page check itself can fail: one broken page for every rule."""

from __future__ import annotations

import pytest

from tests.cbi.web.page_check import problems_of

GOOD = (
    '<!doctype html><html lang="en" dir="ltr"><head><title>Lists · CBI Manager</title></head><body><h1>Lists</h1>'
    '<form method="post"><input type="hidden" name="csrf_token" value="t"><label for="a">Name</label><input id="a" name="a">'
    '<button class="btn btn-primary">Save</button></form><form method="get"><label>Find <input name="q"></label></form></body></html>'
)


def test_a_good_page_has_no_problems():
    assert problems_of(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<h1>Lists</h1>", "<h1>Other</h1>", "is not h1"),
        ("<h1>Lists</h1>", "", "one title and one h1"),
        (' lang="en"', "", "no lang"),
        (' dir="ltr"', "", "no dir"),
        ("</h1>", "</h1></p>", "closes nothing"),
        ("<h1>", '<h1 id="a">', "stands 2 times"),
        ('for="a"', 'for="b"', "not there"),
        ('<label for="a">Name</label>', "", "has no label"),
        ('<label for="a">Name</label>', '<label for="a"></label>', "has no label"),
        (">Save<", "><", "without words"),
        ("<h1>", '<h1 style="x">', "style="),
        ("<h1>", '<h1 onclick="x">', "onclick="),
        ("</body>", "<script>x</script></body>", "inline script"),
        ("</body>", '<a href="javascript:x">x</a></body>', "leads to"),
        ("</body>", '<a href="#">x</a></body>', "leads nowhere"),
        ("</body>", '<a class="btn btn-primary" href="/">x</a></body>', "2 filled buttons"),
        ('value="t"', 'value=""', "0 CSRF tokens"),
        ('<form method="post">', "<form>", "does not say its method"),
        ('method="get">', 'method="get"><input type="hidden" name="csrf_token" value="t">', "into its address"),
        ("</body>", '<img src="/x.svg"></body>', "without alt"),
        ("</body>", '<span class="tag ok"></span></body>', "badge without a word"),
        ("</body>", '<p class="hint stop">You need to Not a valid choice.</p></body>', "does not say what to do"),
    ],
)
def test_every_broken_rule_is_named(old: str, new: str, words: str):
    broken = GOOD.replace(old, new, 1)

    assert broken != GOOD
    assert any(words in problem for problem in problems_of(broken)), problems_of(broken)
