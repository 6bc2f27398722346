"""Addresses nobody uses, for tests that serve both worlds for real."""

from __future__ import annotations

import socket


def two_free_ports() -> int:
    """The first of two ports side by side: the office's, and with one more the room's."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
