"""Two sounds of a name with sex and year of birth are one token of the operation, instead of one of the site for each band of years"""

from importlib import import_module
from itertools import combinations
from types import SimpleNamespace
from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

from cbi.errors import UnsafeSettings
from cbi.store.bases import Sealed
from cbi.store.parts import in_parts
from cbi.store.sealed import Place, Vault
from cbi.store.system import System

revision = "0023"
down_revision = "0017"
branch_labels = None
depends_on = None

_BAND, _PARTS = 3, 4
_NAMED = ("given", "family", "latin")
_HOMES = sa.table("household", sa.column("id", sa.Uuid()), sa.column("operation_id", sa.Uuid()), sa.column("site_id", sa.Uuid()))
_PEOPLE = sa.table(
    "member",
    sa.column("id", sa.Uuid()),
    sa.column("household_id", sa.Uuid()),
    sa.column("sex"),
    sa.column("birth_year"),
    *(sa.column(name, Sealed()) for name in _NAMED),
)
_TOKENS = sa.table(
    "searchtoken",
    sa.column("id", sa.Uuid()),
    sa.column("operation_id", sa.Uuid()),
    sa.column("token", sa.LargeBinary()),
    sa.column("household_id", sa.Uuid()),
    sa.column("member_id", sa.Uuid()),
)


def upgrade() -> None:
    _renew(_as_now)


def downgrade() -> None:
    """An older program finds people by the tokens it makes itself."""
    _renew(_as_before)


def _renew(tokens_of) -> None:
    """Make the tokens of everybody who has any anew, from the names under seal."""
    connection = op.get_bind()
    homes = connection.execute(sa.select(_TOKENS.c.household_id).distinct().order_by(_TOKENS.c.household_id)).scalars().all()
    if not homes:
        return
    vault = _vault()
    with Session(connection) as session:
        for part in in_parts(homes):
            vault.prefetch_subjects(session, part)
            found = {home.id: home for home in connection.execute(sa.select(_HOMES).where(_HOMES.c.id.in_(part)))}
            holders = sa.select(_TOKENS.c.member_id).where(_TOKENS.c.household_id.in_(part))
            people = connection.execute(sa.select(_PEOPLE).where(_PEOPLE.c.id.in_(holders))).all()
            rows = [
                {"id": uuid4(), "operation_id": home.operation_id, "token": token, "household_id": home.id, "member_id": person.id}
                for person in people
                for home in (found[person.household_id],)
                for token in tokens_of(vault, home, _opened(session, vault, person))
            ]
            connection.execute(sa.delete(_TOKENS).where(_TOKENS.c.household_id.in_(part)))
            if rows:
                connection.execute(sa.insert(_TOKENS), rows)


def _opened(session, vault, person):
    values, tables = import_module("cbi.people.values"), import_module("cbi.people.tables")
    told = {}
    for name in _NAMED:
        sealed = getattr(person, name)
        told[name] = vault.open_at(session, Place("member", name, person.id, person.household_id), bytes(sealed)).decode() if sealed else ""
    born = values.Born("", person.birth_year)
    return values.NewMember(**told, sex=tables.Sex(person.sex), born=born, relation=tables.Relation.HEAD)


def _as_now(vault, home, member):
    reading = SimpleNamespace(vault=vault, operation_id=home.operation_id)
    return import_module("cbi.people.tokens").tokens_of(reading, home.site_id, member)


def _as_before(vault, home, member):
    names = import_module("cbi.people.names")
    spelled = (member.name, member.latin)
    codes = {f"p:{part}" for name in spelled for part in names.fold(name)} | {
        f"s:{code}" for name in spelled for code in names.sounds(name)
    }
    for name in spelled:
        heard = sorted({sound for _, sound in names.parts_of(name) if sound})[:_PARTS]
        called = {f"{one}+{other}" for one, other in combinations(heard, 2)} or set(heard)
        codes |= {f"c:{each}:{member.born.year // _BAND}" for each in called}
    return [vault.digest("name", f"{home.site_id}|{code}") for code in sorted(codes)]


def _vault() -> Vault:
    keyring = op.get_context().config.attributes["keyring"]
    if keyring is None:
        raise UnsafeSettings("give the office's key: the tokens by which people are found are made anew from the names under its seal")
    return Vault(keyring, System("office").subject_key)
