"""Photographs of citizens and units."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("message_seq", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("promised", sa.Boolean(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "conversation_id IS NOT NULL OR order_id IS NOT NULL", name=op.f("ck_attachment_somewhere")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_attachment_order_id_work_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint(
            "conversation_id", "client_id", name=op.f("uq_attachment_conversation_id_client_id")
        ),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_attachment_order_id"), "attachment", ["order_id"], unique=False, schema="hotline"
    )
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"], unique=False, schema="hotline")
    op.create_index(
        "ix_attachment_unsent",
        "attachment",
        ["created_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("message_seq IS NULL AND order_id IS NULL"),
    )
    op.create_index(
        "uq_attachment_added",
        "attachment",
        ["order_id", "client_id"],
        unique=True,
        schema="hotline",
        postgresql_where=sa.text("conversation_id IS NULL"),
    )
    op.create_table(
        "attachment_removal",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attachment_removal")),
        schema="hotline",
    )


def downgrade() -> None:
    op.drop_table("attachment_removal", schema="hotline")
    op.drop_table("attachment", schema="hotline")
