"""Files made for the person who asks: sent whole, under a neutral name, kept by nobody on the way."""

from __future__ import annotations

from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes, name: str, mimetype: str = XLSX) -> Response:
    """A file to save; a workbook unless said otherwise."""
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})
