"""The words people read for what feedback is about, how it came and how it is answered. Neutral ones: a desk stands in a room full of people."""

from __future__ import annotations

from flask_babel import LazyString

from cbi.feedback.tables import Category, Channel, Wants
from cbi.feedback.values import Confided
from cbi.web.words import _l

CATEGORIES: dict[Category, LazyString] = {
    Category.QUESTION: _l("A question"),
    Category.LIST: _l("Who is on the list, and who is not"),
    Category.MONEY: _l("Money that is late, less, or did not come"),
    Category.PLACE: _l("The place, the queue or the day"),
    Category.RECORDS: _l("Something that is wrong in our records"),
    Category.NEED: _l("Something else the person needs"),
    Category.IDEA: _l("An idea, or thanks"),
}
CONFIDED: dict[Confided, LazyString] = {
    Confided.CONDUCT: _l("How somebody who works for us or with us behaved"),
    Confided.IN_RETURN: _l("Something was asked for in return: money, goods, work or a favour"),
    Confided.CHILD: _l("A child somebody should look after"),
    Confided.ELSEWHERE: _l("Something the person does not want answered at this desk"),
}
CHANNELS: dict[Channel, LazyString] = {
    Channel.DESK: _l("At the desk"),
    Channel.PHONE: _l("By phone"),
    Channel.BOX: _l("From the box"),
    Channel.MESSAGE: _l("By message"),
    Channel.GROUP: _l("In a meeting"),
}
WANTS: dict[Wants, LazyString] = {
    Wants.CODE: _l("They come or ring with the code"),
    Wants.PHONE: _l("We ring them"),
    Wants.PLACE: _l("We tell them at the place"),
    Wants.NOTHING: _l("No answer wanted"),
}
