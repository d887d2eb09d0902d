"""Orders handed to a system outside, and what comes back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_message",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("units", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('待发送', '已送达', '死信', '已放弃')", name=op.f("ck_outside_message_state")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_outside_message_order_id_work_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outside_message_key")),
        schema="hotline",
    )
    op.create_index(
        "ix_outside_message_order_id_system",
        "outside_message",
        ["order_id", "system", "id"],
        unique=False,
        schema="hotline",
    )
    op.create_index(
        "ix_outside_message_open",
        "outside_message",
        ["system", "next_try_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("state IN ('待发送', '死信')"),
    )
    op.create_table(
        "outside_nonce",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", "nonce", name=op.f("pk_outside_nonce")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_outside_nonce_seen_at"), "outside_nonce", ["seen_at"], unique=False, schema="hotline"
    )


def downgrade() -> None:
    op.drop_table("outside_nonce", schema="hotline")
    op.drop_table("outside_message", schema="hotline")
