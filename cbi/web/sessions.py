"""Flask's session, kept on the server. The cookie is a random id and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from flask import Flask, Request, Response, g, session
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from cbi.store.sessions import Held, Shelf


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """A session as views see it: a dictionary, and the person behind it."""

    def __init__(self, held: Held) -> None:
        self.modified = False
        self.held = held
        super().__init__(held.content, self._changed)

    def _changed(self, _self: object) -> None:
        self.modified = True


class ServerSessions(SessionInterface):
    """Keeps sessions on a shelf; `secure` turns on the __Host- cookie."""

    def __init__(self, shelf: Callable[[], Shelf], *, secure: bool, world: str) -> None:
        self._shelf = shelf
        self._secure = secure
        # Both worlds may be on one host name: cookies do not know ports, so each has its own name.
        self.name = ("__Host-" if secure else "") + f"cbi-{world}"

    def open_session(self, app: Flask, request: Request) -> ServerSession:  # noqa: ARG002
        """The session of this request; a file that never changes has none."""
        if request.endpoint == "static":
            return ServerSession(Held("static"))
        held = self._shelf().find(request.cookies.get(self.name))
        # A shell's token ends after fifteen minutes; as a cookie it would live on for as long as somebody clicks.
        return ServerSession(Held(secrets.token_urlsafe(32)) if "cli" in held.content else held)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Write what changed, and hand out the cookie."""
        mine = cast("ServerSession", session)
        if not mine.modified:
            return
        mine.held.content = dict(mine)
        self._shelf().keep(mine.held)
        response.set_cookie(self.name, mine.held.token, secure=self._secure, httponly=True, samesite="Lax", path="/")
        response.vary.add("Cookie")


def begin(person_id: UUID, shelf: Shelf) -> None:
    """Sign a person in: a new id, nothing carried over but what is named as meant to be."""
    mine = cast("ServerSession", session)
    shelf.drop(mine.held.token)
    kept = {name: mine[name] for name in ("next", "carried", "language") if name in mine}
    mine.clear()
    mine.update(kept)
    mine.held = Held(secrets.token_urlsafe(32), person_id)
    mine.modified = True
    for stale in ("person", "csrf_token"):
        g.pop(stale, None)


def end(shelf: Shelf) -> None:
    """Sign the person out."""
    mine = cast("ServerSession", session)
    shelf.drop(mine.held.token)
    mine.clear()
    mine.held = Held(secrets.token_urlsafe(32))
    mine.modified = True
    g.pop("person", None)


def token() -> str:
    """The id of the session in hand, so that it can be spared when others are revoked."""
    return cast("ServerSession", session).held.token
