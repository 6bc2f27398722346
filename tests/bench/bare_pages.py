"""The pages that ours are measured beside: what the same work takes a Flask application without the program.

The server is set up as ours is: the same SQLite file settings (`cbi.store.engines.connect`: WAL, synchronous FULL, so that what is committed is on
the disk before the answer goes), SQLAlchemy Core, Flask's own test client, templates compiled once and escaping by themselves.  One page selects
fifty rows of as many plain columns as our list shows, by an index, and draws them in a table inside a layout with a bar, places to go and a footer
as ours has.  The other is sent the same form as ours, keeps one row of it, commits, and sends the browser on.  Neither signs anybody in, keeps a
session, asks for a right, checks a form's token or its fields, counts what fits, seals, indexes, audits, packs or translates.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask, redirect, render_template, request, url_for
from jinja2 import DictLoader
from werkzeug.wrappers import Response

from cbi.store.engines import connect

ROWS = 10_000
_STYLES = ("bootstrap.css", "tokens.css", "pieces.css")
_PLACES = ("Today", "Sites", "Households", "Import", "Verification", "Visits")
_LAYOUT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{% block title %}{% endblock %}</title>
{% for name in styles %}<link rel="stylesheet" href="{{ url_for('static', filename=name) }}">{% endfor %}
</head>
<body><a href="#main">Skip to the main part</a>
<header><a href="{{ url_for('fifty') }}">Bare office</a><nav aria-label="Main"><ul>
{% for place in places %}<li><a href="{{ url_for('fifty', place=place) }}">{{ place }}</a></li>{% endfor %}
</ul></nav></header>
<main id="main"><h1>{{ self.title() }}</h1>{% block main %}{% endblock %}</main>
<footer>times in Kharwa</footer>
</body></html>
"""
_LIST = """{% extends "layout.html" %}
{% block title %}Households{% endblock %}
{% block main %}<table><thead><tr><th>Number</th><th>Head</th><th>Site</th><th>People</th><th>Registered</th><th>State</th><th>Open</th></tr></thead><tbody>
{% for row in rows %}<tr><th>{{ row.number }}</th><td>{{ row.head }}</td><td>{{ row.site }}</td><td>{{ row.people }}</td>
<td>{{ row.registered.strftime('%d %B %Y') }}</td><td>{{ row.state }}</td><td><a href="{{ url_for('one', row_id=row.id) }}">Open {{ row.number }}</a></td></tr>
{% endfor %}</tbody></table>{% endblock %}
"""
HOUSEHOLD = sa.Table(
    "household",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.String(16), unique=True),
    sa.Column("head", sa.String(120)),
    sa.Column("site", sa.String(80)),
    sa.Column("people", sa.Integer),
    sa.Column("registered", sa.Date),
    sa.Column("state", sa.String(20)),
)


def bare_app(path: Path) -> Flask:
    """A Flask application of these two pages over a database of its own with ten thousand rows."""
    app, engine, numbers = Flask("bare"), connect(f"sqlite:///{path}"), count(ROWS)
    app.jinja_loader = DictLoader({"layout.html": _LAYOUT, "list.html": _LIST})
    app.context_processor(lambda: {"styles": _STYLES, "places": _PLACES})
    HOUSEHOLD.metadata.create_all(engine)
    with engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.insert(HOUSEHOLD), [_row(number) for number in range(ROWS)])

    @app.get("/")
    def fifty() -> str:
        with engine.connect() as connection:
            rows = connection.execute(sa.select(HOUSEHOLD).order_by(HOUSEHOLD.c.number).limit(50)).all()
        return render_template("list.html", rows=rows)

    @app.get("/<uuid:row_id>")
    def one(row_id: UUID) -> str:
        with engine.connect() as connection:
            return str(connection.execute(sa.select(HOUSEHOLD.c.head).where(HOUSEHOLD.c.id == row_id)).scalar_one())

    @app.post("/")
    def add() -> Response:
        typed = request.form
        row = {**_row(next(numbers)), "id": uuid4(), "head": f"{typed['head-given']} {typed['head-family']}", "site": typed["site"]}
        with engine.execution_options(writing=True).begin() as connection:
            connection.execute(sa.insert(HOUSEHOLD), row)
        return redirect(url_for("one", row_id=row["id"]))

    return app


def _row(number: int) -> dict[str, object]:
    return {
        "id": UUID(int=number),
        "number": f"BH-{number:06}",
        "head": f"Juniper Moonbeam {number}",
        "site": "Birch Hollow, B 7-12",
        "people": 5,
        "registered": date(2026, 1, 1) + timedelta(number % 300),
        "state": "Registered",
    }
