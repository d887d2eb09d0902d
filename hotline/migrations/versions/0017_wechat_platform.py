"""WeChat: citizens at the 公众号 and at 微信客服, and messages with choices to tap."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "wechat_contact",
        sa.Column("platform", sa.Text(), nullable=False, server_default="official"),
        schema="hotline",
    )
    op.alter_column("wechat_contact", "platform", server_default=None, schema="hotline")
    op.create_check_constraint(
        "platform", "wechat_contact", "platform IN ('official', 'kf')", schema="hotline"
    )
    op.add_column("wechat_message", sa.Column("choices", JSONB(), nullable=True), schema="hotline")


def downgrade() -> None:
    op.drop_column("wechat_message", "choices", schema="hotline")
    op.drop_column("wechat_contact", "platform", schema="hotline")
