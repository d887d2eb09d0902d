"""WeChat: messages of which only a notice has gone out, and the platform's number of it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "wechat_message",
        sa.Column("brief", sa.Boolean(), nullable=False, server_default="false"),
        schema="hotline",
    )
    op.add_column("wechat_message", sa.Column("notice", sa.Text(), nullable=True), schema="hotline")
    op.create_index(
        "ix_wechat_message_notice",
        "wechat_message",
        ["notice"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("notice IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_wechat_message_notice",
        table_name="wechat_message",
        schema="hotline",
        postgresql_where=sa.text("notice IS NOT NULL"),
    )
    op.drop_column("wechat_message", "notice", schema="hotline")
    op.drop_column("wechat_message", "brief", schema="hotline")
