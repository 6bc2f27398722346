"""Long work is launched from a thread of its own, as in the server: its library refuses to work inside somebody else's event loop."""

from __future__ import annotations

from threading import Thread

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Run the test in a fresh thread: a browser of another test may have left an event loop in this one."""
    problems: list[BaseException] = []

    def run() -> None:
        given = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
        try:
            pyfuncitem.obj(**given)
        except BaseException as problem:  # noqa: BLE001 -- whatever it was, it belongs to this test
            problems.append(problem)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]
    return True
