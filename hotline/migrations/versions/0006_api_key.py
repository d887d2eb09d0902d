"""Keys with which other systems call, and what they may."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OLD_SOURCES = "'网络', '微信', '电话', '领导接听', '人大代表通道', '上级交办'"


def _sources(values: str) -> None:
    op.drop_constraint(op.f("ck_work_order_source"), "work_order", schema="hotline", type_="check")
    op.create_check_constraint(
        op.f("ck_work_order_source"), "work_order", f"source IN ({values})", schema="hotline"
    )


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "cardinality(scopes) > 0 AND scopes <@ ARRAY['create', 'updates', 'read-all']",
            name=op.f("ck_api_key_scopes"),
        ),
        sa.CheckConstraint("rate > 0", name=op.f("ck_api_key_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("handle", name=op.f("uq_api_key_handle")),
        schema="hotline",
    )
    op.create_table(
        "open311_request",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("service_code", sa.Text(), nullable=False),
        sa.Column("address_id", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("media", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["hotline.api_key.id"], name=op.f("fk_open311_request_key_id_api_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open311_request")),
        sa.UniqueConstraint("draft", name=op.f("uq_open311_request_draft")),
        sa.UniqueConstraint("token", name=op.f("uq_open311_request_token")),
        sa.UniqueConstraint("fingerprint", "round", name=op.f("uq_open311_request_fingerprint_round")),
        schema="hotline",
    )
    op.create_index(op.f("ix_open311_request_key_id"), "open311_request", ["key_id"], schema="hotline")
    op.add_column("work_order", sa.Column("lat", sa.Double(), nullable=True), schema="hotline")
    op.add_column("work_order", sa.Column("long", sa.Double(), nullable=True), schema="hotline")
    op.create_index(op.f("ix_work_order_event_at"), "work_order_event", ["at"], schema="hotline")
    _sources(f"{_OLD_SOURCES}, '开放接口'")


def downgrade() -> None:
    # What came in this way stays, under the name that is nearest to it.
    op.execute("UPDATE hotline.work_order SET source = '网络' WHERE source = '开放接口'")
    _sources(_OLD_SOURCES)
    op.drop_index(op.f("ix_work_order_event_at"), table_name="work_order_event", schema="hotline")
    op.drop_column("work_order", "long", schema="hotline")
    op.drop_column("work_order", "lat", schema="hotline")
    op.drop_table("open311_request", schema="hotline")
    op.drop_table("api_key", schema="hotline")
