"""Prints how many made reports are proposed right, by language and by shape, and what was wrong with the others."""

from tests.reconciliation.layouts import judging, words
from tests.reconciliation.layouts.made import layouts

for source in words.LISTS:
    found = [judging.judge(layout) for layout in layouts(source=source)]
    print(f"\n{source.name}\n{judging.table(found)}")
    for one in found:
        if one.wrong:
            print("sure" if one.harmful else "", one.layout.language, one.layout.shape, sorted(one.layout.traits), *one.wrong, sep="\n    ")
