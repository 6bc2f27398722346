"""`cbi serve` and `cbi worker`: one process per world, so that no process ever holds both."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cbi.cli.common import data_option, say, settings_of
from cbi.cli.loading import loading, serve_pages
from cbi.errors import UnsafeSettings

if TYPE_CHECKING:
    from cbi.jobs.durable import Jobs
    from cbi.settings import Settings
    from cbi.store.records import Records

_WHERE = "The office is on {scheme}://{host}:{office}, the protection room on {scheme}://{host}:{room}. Stop both with Ctrl C."


def _options(command: Any) -> Any:  # Any: click's decorators are typed so
    for option in reversed(
        [
            click.option("--host", help="Address to listen on; others than this computer need TLS or a proxy."),
            click.option("--port", type=click.IntRange(1, 65534), help="The office's port; the room has the next one."),
            click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The certificate, as PEM."),
            click.option("--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its key, as PEM."),
            click.option("--behind-proxy", is_flag=True, default=None, help="A proxy in front speaks TLS and sets X-Forwarded-Proto."),
        ]
    ):
        command = option(command)
    return command


@click.command("serve")
@data_option
@click.option("--world", type=click.Choice(["office", "protection", "both"]), help="Which world this process serves.")
@_options
def serve_command(data: Path | None, world: str | None, **given: Any) -> None:  # Any: as click parsed them
    """Serve the office on one port and the room on the next, in two processes."""
    settings = settings_of(data, world=world, **given)
    if settings.world == "both":
        if settings.office_group is not None:
            raise UnsafeSettings("serve each world by itself, as its own user: --world office, and --world protection (docs/deploy.md)")
        sys.exit(serve_both(settings))
    serve_one(settings)


@click.command("worker")
@data_option
def worker_command(data: Path | None) -> None:
    """Run the office's clock and long work here instead of in `cbi serve` (set CBI_JOBS=worker for both)."""
    from cbi.cli.clockwork import Clockwork
    from cbi.store.records import open_office

    settings = settings_of(data, jobs="worker")
    records = open_office(settings)
    clockwork = Clockwork(settings, records)
    signal.signal(signal.SIGTERM, lambda *_: clockwork.stop())
    jobs = long_work(settings, records)
    jobs.start()
    say("The worker runs. Stop it with Ctrl C.")
    try:
        clockwork.run()
    finally:
        let_go(jobs)


def serve_both(settings: Settings) -> int:
    """Serve each world in a process of its own until told to stop; one that falls is started again. Returns the exit code."""
    from cbi.cli.worlds import keep_up

    for place in range(2):
        free_port(settings.host, settings.port + place)
    scheme = "https" if settings.tls_cert or settings.behind_proxy else "http"
    say(_WHERE.format(scheme=scheme, host=_named(settings.host), office=settings.port, room=settings.port + 1))
    return keep_up(
        {"office": _command(settings, "office", settings.port), "protection room": _command(settings, "protection", settings.port + 1)}
    )


def free_port(host: str, port: int) -> None:
    """Make sure that nobody listens there yet. Raises UnsafeSettings with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise UnsafeSettings(
                    f"choose another port, for example --port {port + 1000}, or stop what is served on {port} now"
                ) from problem
            raise UnsafeSettings(f"choose another --host or --port: nothing can be served on {host}, port {port}") from problem


def _named(host: str) -> str:
    return "localhost" if host in {"127.0.0.1", "::1"} else host


def serve_one(settings: Settings) -> None:
    """Serve one world in this process until it is told to stop."""
    from cheroot.wsgi import Server

    free_port(settings.host, settings.port)
    world = "office" if settings.world == "office" else "protection"
    from cbi.store.records import open_office

    records = open_office(settings) if world == "office" else None  # where that migrates, what it drops is not kept
    with loading():  # half a million objects for good: each look through them would hold up every page for a tenth of a second
        from cbi.app import create_app

        app = create_app(settings, world, records=records)  # type: ignore[arg-type]
    serve_pages()
    if settings.behind_proxy:
        from werkzeug.middleware.proxy_fix import ProxyFix

        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    server = Server((settings.host, settings.port), app, numthreads=16, server_name="cbi")
    if settings.tls_cert and settings.tls_key:
        from cheroot.ssl.builtin import BuiltinSSLAdapter

        server.ssl_adapter = BuiltinSSLAdapter(str(settings.tls_cert), str(settings.tls_key))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopping from inside the handler would wait for this very thread
    jobs: Jobs | None = None
    if records is not None and settings.jobs == "serve":
        from cbi.cli.clockwork import Clockwork

        Clockwork(settings, records).start()
        jobs = long_work(settings, records)
        jobs.start()
    code = 1
    try:
        with contextlib.suppress(KeyboardInterrupt):  # being told to stop is how serving ends
            server.safe_start()
        code = 0
    finally:
        server.stop()
        if jobs is not None:
            let_go(jobs, code)


def long_work(settings: Settings, records: Records) -> Jobs:
    """The office's long work. Only the process that holds the office's clock may start it."""
    from cbi.jobs.durable import Job, Jobs
    from cbi.payouts.apart import read_large_files
    from cbi.people import sweep
    from cbi.people.imports_apart import take_in_long_files
    from cbi.transfers.enrolment_apart import look_at_many

    everybody = Job("search_everybody", sweep.due, sweep.run, sweep.give_up)
    return Jobs(records, (read_large_files(settings), take_in_long_files(settings), look_at_many(settings), everybody))


def let_go(jobs: Jobs, code: int = 0) -> None:
    """Stop the long work. A piece under way is not waited for: the next process goes on with it, as after a kill. code: this one's, then."""
    if not jobs.close():
        os._exit(code)


def _command(settings: Settings, world: str, port: int) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "cbi",
        "serve",
        "--world",
        world,
        "--data",
        str(settings.data),
        "--host",
        settings.host,
        "--port",
        str(port),
    ]
    if settings.tls_cert and settings.tls_key:
        command += ["--tls-cert", str(settings.tls_cert), "--tls-key", str(settings.tls_key)]
    if settings.behind_proxy:
        command.append("--behind-proxy")
    return command
