"""What people send: as large as its page needs, and never laid down on the disk in clear."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from flask import Request, current_app, request

from cbi.access import Permission
from cbi.web.house import person_or_none

LARGEST_FORM = 1024 * 1024
_AROUND = 64 * 1024  # the fields that travel with a file
# A little more than the subjects take, so that a file one byte too large is refused in their words.
LARGEST_UPLOAD = {Permission.PAYOUT_UPLOAD: 81 * 1024 * 1024, Permission.PERSON_IMPORT: 81 * 1024 * 1024}


class InMemory(Request):
    """A request whose files stay in memory: the framework would write those above 500 kB, names and all, into the system's temporary folder."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 -- the framework's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return BytesIO()


def limit() -> None:
    """Let a file in only on a page that takes one, from somebody who may use it; everybody else sends a form's worth."""
    view = current_app.view_functions.get(request.endpoint or "")
    wanted = getattr(view, "permission", None)
    largest = LARGEST_UPLOAD.get(wanted) if wanted is not None else None
    someone = person_or_none() if largest else None
    may_send = largest is not None and someone is not None and wanted in someone.rights
    request.max_content_length = largest + _AROUND if may_send and largest else LARGEST_FORM
