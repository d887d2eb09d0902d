"""The WeChat channel: citizens at the account, what they were pushed, what is sent to them, and the shared token."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wechat_nonce",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wechat_nonce")),
        schema="hotline",
    )
    op.create_index(op.f("ix_wechat_nonce_at"), "wechat_nonce", ["at"], unique=False, schema="hotline")
    op.create_table(
        "wechat_push",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wechat_push")),
        schema="hotline",
    )
    op.create_index(
        "ix_wechat_push_created_at", "wechat_push", ["created_at"], unique=False, schema="hotline"
    )
    op.create_table(
        "wechat_token",
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_wechat_token")),
        schema="hotline",
    )
    op.create_table(
        "wechat_contact",
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_seq", sa.Integer(), nullable=False),
        sa.Column("allowance", sa.Integer(), nullable=False),
        sa.Column("allowance_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_allowance", sa.Integer(), nullable=False),
        sa.Column("event_allowance_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["hotline.conversation.id"],
            name=op.f("fk_wechat_contact_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_wechat_contact")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_wechat_contact_conversation_id")),
        schema="hotline",
    )
    op.create_table(
        "wechat_message",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('待发送', '已发送', '等市民来信', '未送达')", name=op.f("ck_wechat_message_state")
        ),
        sa.ForeignKeyConstraint(
            ["openid"],
            ["hotline.wechat_contact.openid"],
            name=op.f("fk_wechat_message_openid_wechat_contact"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wechat_message")),
        schema="hotline",
    )
    op.create_index(
        "ix_wechat_message_openid", "wechat_message", ["openid", "id"], unique=False, schema="hotline"
    )
    op.create_index(
        "ix_wechat_message_waiting",
        "wechat_message",
        ["next_try_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("state = '待发送'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_wechat_message_waiting",
        table_name="wechat_message",
        schema="hotline",
        postgresql_where=sa.text("state = '待发送'"),
    )
    op.drop_index("ix_wechat_message_openid", table_name="wechat_message", schema="hotline")
    op.drop_table("wechat_message", schema="hotline")
    op.drop_table("wechat_contact", schema="hotline")
    op.drop_table("wechat_token", schema="hotline")
    op.drop_index("ix_wechat_push_created_at", table_name="wechat_push", schema="hotline")
    op.drop_table("wechat_push", schema="hotline")
    op.drop_index(op.f("ix_wechat_nonce_at"), table_name="wechat_nonce", schema="hotline")
    op.drop_table("wechat_nonce", schema="hotline")
