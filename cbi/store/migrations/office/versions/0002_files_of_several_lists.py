"""Files of several lists, kept profiles, corrected rows, and sums that pages read"""

import json
from uuid import uuid4

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cbi.store.bases
from cbi.store.triggers import install, remove

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KINDS = (
    "PAID", "PAID_LESS", "PAID_MORE", "FAILED", "RETURNED", "PAID_TWICE", "PAID_BEFORE", "CONTRADICTS",
    "WRONG_PAYEE", "WRONG_CURRENCY", "NOT_INSTRUCTED", "NOT_OURS", "MISSING", "SUGGESTED", "UNREADABLE",
)  # fmt: skip
_ACCOUNTS = ("instructed", "open", "delivered", "suspense", "provider", "fees", "advance", "float", "cancelled", "donor")
_MONEY = ("instructed_minor", "delivered_minor", "suspense_minor", "open_minor", "set_aside_minor", "paid_minor", "taken_back_minor")
_SUMMED_BY = ("account", "currency", "list_id", "cycle_id", "grant_id", "budget_line_id", "provider_id")
_UNSUMMED = ("budget_line_id", "cycle_id", "grant_id", "list_id", "provider_id")
_DIFFERS = sa.text("difference_minor <> 0")
_CORRECTS = sa.text("corrects_id IS NOT NULL")
_MOST_PROFILES = 20


def upgrade() -> None:
    _make_tables()
    op.execute(
        f"INSERT INTO payoutfilelist (id, operation_id, file_id, list_id) SELECT {_new_id()}, operation_id, id, list_id FROM payoutfile"
    )
    _keep_profiles()
    with op.batch_alter_table("payoutfile") as table:
        table.drop_index("ix_payoutfile_list_id")
        table.drop_constraint("fk_payoutfile_list_id", type_="foreignkey")
        table.drop_column("list_id")
        table.add_column(sa.Column("profile_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("corrects_id", sa.Uuid(), nullable=True))
        table.create_foreign_key("fk_payoutfile_profile_id", "providerprofile", ["profile_id"], ["id"])
        table.create_foreign_key("fk_payoutfile_corrects_id", "payoutfile", ["corrects_id"], ["id"])
        table.create_index("ix_payoutfile_corrects_id", ["corrects_id"])
    _widen_staging()
    _fill_staging()
    _sum_ledger()


def downgrade() -> None:
    remove(op.get_bind(), "ledgersum")
    for name in ("posting_id", "list_id"):
        op.drop_index(f"ix_ledgersum_{name}", table_name="ledgersum")
    op.drop_table("ledgersum")
    for name in _UNSUMMED:
        op.create_index(f"ix_ledgerentry_{name}", "ledgerentry", [name])
    _narrow_staging()
    # What an older program cannot show as one file about one list goes back to its first one.
    with op.batch_alter_table("payoutfile") as table:
        table.drop_index("ix_payoutfile_corrects_id")
        table.drop_constraint("fk_payoutfile_corrects_id", type_="foreignkey")
        table.drop_constraint("fk_payoutfile_profile_id", type_="foreignkey")
        table.drop_column("corrects_id")
        table.drop_column("profile_id")
        table.add_column(sa.Column("list_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE payoutfile SET list_id = (SELECT min(CAST(p.list_id AS VARCHAR(36))) FROM payoutfilelist AS p WHERE p.file_id = payoutfile.id)"
        if op.get_bind().dialect.name == "sqlite"
        else "UPDATE payoutfile SET list_id = (SELECT p.list_id FROM payoutfilelist AS p WHERE p.file_id = payoutfile.id ORDER BY p.list_id LIMIT 1)"
    )
    with op.batch_alter_table("payoutfile") as table:
        table.alter_column("list_id", existing_type=sa.Uuid(), nullable=False)
        table.create_foreign_key("fk_payoutfile_list_id", "paymentlist", ["list_id"], ["id"])
        table.create_index("ix_payoutfile_list_id", ["list_id"])
    for table_name, names in (("payoutfilelist", ("file_id", "list_id")), ("providerprofile", ("provider_id",))):
        for name in names:
            op.drop_index(f"ix_{table_name}_{name}", table_name=table_name)
        op.drop_table(table_name)


def _new_id() -> str:
    return "lower(hex(randomblob(16)))" if op.get_bind().dialect.name == "sqlite" else "gen_random_uuid()"


def _words(name: str, members: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def _ids() -> list[sa.Column[object]]:
    return [sa.Column("id", sa.Uuid(), nullable=False), sa.Column("operation_id", sa.Uuid(), nullable=False)]


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _make_tables() -> None:
    op.create_table(
        "payoutfilelist",
        *_ids(),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["payoutfile.id"], name="fk_payoutfilelist_file_id"),
        sa.ForeignKeyConstraint(["list_id"], ["paymentlist.id"], name="fk_payoutfilelist_list_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payoutfilelist"),
        sa.UniqueConstraint("operation_id", "file_id", "list_id", name="uq_payoutfilelist_operation_id_file_id_list_id"),
    )
    op.create_index("ix_payoutfilelist_file_id", "payoutfilelist", ["file_id"])
    op.create_index("ix_payoutfilelist_list_id", "payoutfilelist", ["list_id"])
    op.create_table(
        "providerprofile",
        *_ids(),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        _text("name", 60),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("fingerprint", 64),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", cbi.store.bases.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name="fk_providerprofile_provider_id"),
        sa.PrimaryKeyConstraint("id", name="pk_providerprofile"),
        sa.UniqueConstraint("operation_id", "provider_id", "name", "version", name="uq_providerprofile_operation_id_provider_id_name_version"),
    )
    op.create_index("ix_providerprofile_provider_id", "providerprofile", ["provider_id"])
    op.create_table(
        "findinggroup",
        *_ids(),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", _words("findingkind", _KINDS), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=True),
        _text("because", 80),
        _text("currency", 3),
        _text("suspense_currency", 3),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _MONEY),
        sa.ForeignKeyConstraint(["file_id"], ["payoutfile.id"], name="fk_findinggroup_file_id"),
        sa.ForeignKeyConstraint(["list_id"], ["paymentlist.id"], name="fk_findinggroup_list_id"),
        sa.PrimaryKeyConstraint("id", name="pk_findinggroup"),
        sa.UniqueConstraint("operation_id", "file_id", "number", name="uq_findinggroup_operation_id_file_id_number"),
    )
    op.create_index("ix_findinggroup_file_id", "findinggroup", ["file_id"])
    op.create_table(
        "ledgersum",
        *_ids(),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("account", _words("account", _ACCOUNTS), nullable=False),
        _text("currency", 3),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in _SUMMED_BY[2:]),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["posting_id"], ["ledgerposting.id"], name="fk_ledgersum_posting_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledgersum"),
    )
    op.create_index("ix_ledgersum_posting_id", "ledgersum", ["posting_id"])
    op.create_index("ix_ledgersum_list_id", "ledgersum", ["list_id"])


def _keep_profiles() -> None:
    """Layouts that people confirmed stood only in the files read with them; each becomes a profile of its provider."""
    read = sa.text(
        "SELECT operation_id, provider_id, layout, uploaded_by, uploaded_at FROM payoutfile"
        " WHERE layout <> '' AND status IN ('previewed', 'posted') ORDER BY uploaded_at DESC, id"
    ).columns(operation_id=sa.Uuid, provider_id=sa.Uuid, layout=sa.Text, uploaded_by=sa.Uuid, uploaded_at=cbi.store.bases.Moment)
    kept: dict[object, list[sa.Row[tuple[object, ...]]]] = {}
    for row in op.get_bind().execute(read):
        mine = kept.setdefault(row.provider_id, [])
        if len(mine) < _MOST_PROFILES and row.layout not in {one.layout for one in mine}:
            mine.append(row)
    profile = sa.table(
        "providerprofile",
        *(sa.column(name, sa.Uuid) for name in ("id", "operation_id", "provider_id", "confirmed_by")),
        *(sa.column(name) for name in ("name", "version", "fingerprint", "layout")),
        sa.column("confirmed_at", cbi.store.bases.Moment),
    )
    rows = [
        {
            "id": uuid4(),
            "operation_id": row.operation_id,
            "provider_id": row.provider_id,
            "name": f"Layout {number}",
            "version": 1,
            "fingerprint": json.loads(row.layout).get("known_by", "")[:64],
            "layout": row.layout,
            "confirmed_by": row.uploaded_by,
            "confirmed_at": row.uploaded_at,
        }
        for mine in kept.values()
        for number, row in enumerate(reversed(mine), start=1)
    ]
    if rows:
        op.bulk_insert(profile, rows)


def _widen_staging() -> None:
    with op.batch_alter_table("payoutfinding") as table:
        table.drop_index("ix_payoutfinding_file_id")
        table.add_column(sa.Column("group_number", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("list_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("because", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False, server_default=""))
        table.add_column(sa.Column("difference_minor", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("payoutfinding") as table:
        for name in ("group_number", "because", "difference_minor"):
            table.alter_column(name, server_default=None)
        table.create_index("ix_payoutfinding_file_group", ["file_id", "group_number", "position"])
        table.create_index("ix_payoutfinding_file_reference", ["file_id", "reference", "group_number", "position"])
        table.create_index(
            "ix_payoutfinding_file_difference",
            ["file_id", "difference_minor", "group_number", "position"],
            sqlite_where=_DIFFERS,
            postgresql_where=_DIFFERS,
        )
    with op.batch_alter_table("payoutrow") as table:
        table.drop_index("ix_payoutrow_finding")
        table.add_column(sa.Column("corrects_id", sa.Uuid(), nullable=True))
        table.create_index("ix_payoutrow_corrects", ["corrects_id"], sqlite_where=_CORRECTS, postgresql_where=_CORRECTS)
    for name in ("instruction_id", "provider_id", "reference"):
        op.drop_index(f"ix_postedrow_{name}", table_name="postedrow")


def _narrow_staging() -> None:
    for name in ("instruction_id", "provider_id", "reference"):
        op.create_index(f"ix_postedrow_{name}", "postedrow", [name])
    with op.batch_alter_table("payoutrow") as table:
        table.drop_index("ix_payoutrow_corrects")
        table.drop_column("corrects_id")
        table.create_index("ix_payoutrow_finding", ["file_id", "finding_id"])
    with op.batch_alter_table("payoutfinding") as table:
        for name in ("difference", "reference", "group"):
            table.drop_index(f"ix_payoutfinding_file_{name}")
        for name in ("difference_minor", "because", "list_id", "group_number"):
            table.drop_column(name)
        table.create_index("ix_payoutfinding_file_id", ["file_id"])
    op.drop_index("ix_findinggroup_file_id", table_name="findinggroup")
    op.drop_table("findinggroup")


def _fill_staging() -> None:
    """Every file so far is about one list, and so are all its findings; a reason that was sealed stays unknown."""
    op.execute("UPDATE payoutfinding SET list_id = (SELECT p.list_id FROM payoutfilelist AS p WHERE p.file_id = payoutfinding.file_id)")
    op.execute(
        "UPDATE payoutfinding SET because = coalesce((SELECT max(r.reason) FROM payoutrow AS r WHERE r.finding_id = payoutfinding.id), '')"
        " WHERE kind IN ('FAILED', 'RETURNED')"
    )
    op.execute("UPDATE payoutfinding SET difference_minor = paid_minor - instructed_minor WHERE kind IN ('PAID_LESS', 'PAID_MORE', 'PAID_TWICE')")
    alike = "file_id, kind, list_id, because, currency, suspense_currency"
    op.execute(
        f"INSERT INTO findinggroup (id, operation_id, number, rows, findings, {alike}, {', '.join(_MONEY)})"
        f" SELECT {_new_id()}, operation_id, row_number() OVER (PARTITION BY file_id ORDER BY {alike}),"
        " sum((SELECT count(*) FROM payoutrow AS r WHERE r.finding_id = payoutfinding.id)), count(*),"
        f" {alike}, {', '.join(f'sum({name})' for name in _MONEY)} FROM payoutfinding GROUP BY operation_id, {alike}"
    )
    same = " AND ".join(f"g.{name} = payoutfinding.{name}" for name in alike.split(", "))
    op.execute(f"UPDATE payoutfinding SET group_number = (SELECT g.number FROM findinggroup AS g WHERE {same})")


def _sum_ledger() -> None:
    by = ", ".join(_SUMMED_BY)
    op.execute(
        f"INSERT INTO ledgersum (id, operation_id, posting_id, {by}, entries, minor)"
        f" SELECT {_new_id()}, operation_id, posting_id, {by}, count(*), sum(minor) FROM ledgerentry GROUP BY operation_id, posting_id, {by}"
    )
    for name in _UNSUMMED:
        op.drop_index(f"ix_ledgerentry_{name}", table_name="ledgerentry")
    install(op.get_bind(), "ledgersum")
