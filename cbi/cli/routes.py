"""`cbi routes`: every route of both worlds and who may open it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click

from cbi.cli.common import json_option


@click.command("routes")
@json_option
def routes_command(*, as_json: bool) -> None:
    """List every route with its methods, permission and roles. Needs no operation: it looks at an empty one."""
    table = every_route()
    if as_json:
        click.echo(json.dumps(table, indent=1))
        return
    for row in table:
        methods, roles = (",".join(str(row[name]).strip("[]").replace("'", "").split(", ")) for name in ("methods", "roles"))
        click.echo(f"{row['world']:10} {methods:9} {row['rule']:55} {row['permission']:20} {roles}")


def every_route() -> list[dict[str, object]]:
    """The declared routes of both worlds, office first."""
    from uuid import UUID

    from cbi.app import create_app
    from cbi.protection.wiring import found_empty_room
    from cbi.settings import Settings
    from cbi.store.records import Operation, found_office
    from cbi.web.guard import declared

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        operation = Operation(UUID(int=0), "Empty", "XX", "KE", "UTC", "USD")
        records = found_office(settings, operation)
        found_empty_room(settings)
        table = [
            row
            for world in ("office", "protection")
            for row in declared(create_app(settings, world, records=records if world == "office" else None))
        ]
        records.close()
    return table
