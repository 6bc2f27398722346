"""The services of docs/deploy.md: systemd understands them, and each keeps its world to itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[3] / "docs" / "deploy.md"
UNIT = re.compile(r"`/etc/systemd/system/([a-z-]+\.service)`\n\n```\n(.*?)```", re.DOTALL)
PROGRAM = "/opt/cbi/bin/cbi"


def units() -> dict[str, str]:
    return dict(UNIT.findall(DEPLOY.read_text("utf-8")))


def settings(unit: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in unit.splitlines() if "=" in line)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_both_services(tmp_path: Path):
    paths = []
    for name, text in units().items():
        assert PROGRAM in text
        paths.append(tmp_path / name)
        paths[-1].write_text(text.replace(PROGRAM, "/bin/true"), "utf-8")

    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)

    assert len(paths) == 2
    assert (done.returncode, done.stderr) == (0, "")


def test_each_service_has_a_user_of_its_own_and_the_offices_cannot_see_the_room():
    office, room = (settings(units()[f"cbi-{world}.service"]) for world in ("office", "room"))

    assert (office["User"], room["User"]) == ("cbi-office", "cbi-room")
    assert office["InaccessiblePaths"] == "/srv/cbi/room"
    assert office["ReadWritePaths"] == "/srv/cbi/office"
    assert room["MemorySwapMax"] == room["LimitCORE"] == "0"
    for unit in (office, room):
        assert "CBI_OFFICE_KEY" not in unit["Environment"]
        assert unit["NoNewPrivileges"] == "yes"
        assert unit["CapabilityBoundingSet"] == ""
