"""What an installation may set from outside, and the combinations that refuse to start."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cbi.errors import UnsafeSettings
from cbi.paths import default_data_folder

World = Literal["office", "protection"]
_LOCAL = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """One installation's settings, frozen, from `CBI_…` variables or keyword arguments.

    data: folder of databases, keys and files.  clock, seed: honoured only in an example operation's folder.
    office_key: the key-encryption key in hexadecimal, when it is kept elsewhere than in the data folder.
    files_kept_days: how long a payout file stays as it was uploaded after it was counted, undone or refused.
    office_group: of the operating system, when office and room run as two users: what the office's records are open to.
    """

    model_config = SettingsConfigDict(env_prefix="CBI_", env_ignore_empty=True, frozen=True, extra="ignore")

    data: Path = Field(default_factory=default_data_folder)
    database_url: str | None = None
    protection_url: str | None = None
    world: Literal["office", "protection", "both"] = "both"
    clock: datetime | None = None
    seed: int | None = None
    jobs: Literal["serve", "worker"] = "serve"
    office_key: SecretStr | None = None
    office_group: str | None = None
    files_kept_days: int = Field(default=90, ge=7, le=3650)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65534)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        if self.clock is not None and self.clock.tzinfo is None:
            raise ValueError("give CBI_CLOCK a time zone, for example 2026-11-23T08:30:00+03:00")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("give both the TLS certificate and its key, or neither")
        if self.office_group is not None and (self.database_url or "").startswith("sqlite"):
            raise ValueError("leave CBI_DATABASE_URL out with CBI_OFFICE_GROUP: two users share the office's own file, or a PostgreSQL")
        if self.host not in _LOCAL and not self.tls_cert and not self.behind_proxy:
            raise ValueError("serve other computers only with --tls-cert and --tls-key, or with --behind-proxy")
        return self

    @property
    def secure_cookies(self) -> bool:
        """Whether pages reach people over TLS, so that cookies may insist on it."""
        return self.tls_cert is not None or self.behind_proxy

    def folder(self, world: World) -> Path:
        """Where one world keeps its own files: no folder is shared between the two."""
        return self.data / ("office" if world == "office" else "room")

    def url(self, world: World) -> str:
        """The database of one world: an SQLite file in its folder unless a URL is set."""
        given = self.database_url if world == "office" else self.protection_url
        return given or f"sqlite:///{self.folder(world) / (world + '.db')}"


def load(**given: object) -> Settings:
    """Settings from the environment, then from systemd's credentials, overridden by what is given. Raises UnsafeSettings in one sentence."""
    named = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(_secrets_dir=os.environ.get("CREDENTIALS_DIRECTORY"), **named)  # type: ignore[arg-type, call-arg]
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnsafeSettings(f"correct the setting {place or 'combination'}: {first['msg'].removeprefix('Value error, ')}") from problem
