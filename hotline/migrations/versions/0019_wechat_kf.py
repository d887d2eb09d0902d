"""微信客服: how far its messages were taken, the state of sessions there, and conversations that are elsewhere."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("service_state", sa.SmallInteger(), nullable=True),
        sa.Column("event_code", sa.Text(), nullable=True),
        sa.Column("event_code_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moves", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("next_move_at", sa.DateTime(timezone=True), nullable=True),
    ]


def upgrade() -> None:
    op.add_column("conversation", sa.Column("elsewhere", sa.Text(), nullable=True), schema="hotline")
    op.create_index(
        "ix_conversation_elsewhere",
        "conversation",
        ["id"],
        schema="hotline",
        postgresql_where=sa.text("elsewhere IS NOT NULL"),
    )
    for column in _columns():
        op.add_column("wechat_contact", column, schema="hotline")
    op.create_index(
        "ix_wechat_contact_waiting_there",
        "wechat_contact",
        ["openid"],
        schema="hotline",
        postgresql_where=sa.text("service_state = 2"),
    )
    op.create_table(
        "wechat_cursor",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_wechat_cursor")),
        schema="hotline",
    )


def downgrade() -> None:
    op.drop_table("wechat_cursor", schema="hotline")
    op.drop_index("ix_wechat_contact_waiting_there", table_name="wechat_contact", schema="hotline")
    op.drop_index("ix_conversation_elsewhere", table_name="conversation", schema="hotline")
    for column in reversed(_columns()):
        op.drop_column("wechat_contact", column.name, schema="hotline")
    op.drop_column("conversation", "elsewhere", schema="hotline")
