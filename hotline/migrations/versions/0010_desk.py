"""The agents' desk: who is on duty, notes, canned replies, the office's settings; and what a waiting conversation needs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "conversation",
        sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="0"),
        schema="hotline",
    )
    op.alter_column("conversation", "priority", server_default=None, schema="hotline")
    op.add_column("conversation", sa.Column("team", sa.Text(), nullable=True), schema="hotline")
    op.add_column(
        "conversation", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.create_index(
        "ix_conversation_held",
        "conversation",
        ["agent"],
        schema="hotline",
        postgresql_where=sa.text("mode = 'human'"),
    )
    op.create_index(op.f("ix_conversation_changed_at"), "conversation", ["changed_at"], schema="hotline")
    op.create_table(
        "desk_agent",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idle_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('online', 'break', 'offline')", name=op.f("ck_desk_agent_status")),
        sa.CheckConstraint('"limit" >= 0', name=op.f("ck_desk_agent_limit")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_desk_agent")),
        schema="hotline",
    )
    op.create_table(
        "desk_note",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('note', 'transfer', 'hand_back', 'gone')", name=op.f("ck_desk_note_kind")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["hotline.conversation.id"],
            name=op.f("fk_desk_note_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_note")),
        sa.UniqueConstraint("conversation_id", "client_id", name=op.f("uq_desk_note_conversation_id_client_id")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_desk_note_conversation_id"), "desk_note", ["conversation_id"], schema="hotline"
    )
    op.create_table(
        "desk_reply",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_reply")),
        sa.UniqueConstraint("owner", "code", name=op.f("uq_desk_reply_owner_code")),
        schema="hotline",
    )
    op.create_table(
        "desk_setting",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_desk_setting_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_setting")),
        schema="hotline",
    )


def downgrade() -> None:
    for table in ("desk_setting", "desk_reply", "desk_note", "desk_agent"):
        op.drop_table(table, schema="hotline")
    op.drop_index(op.f("ix_conversation_changed_at"), table_name="conversation", schema="hotline")
    op.drop_index("ix_conversation_held", table_name="conversation", schema="hotline")
    for column in ("claimed_at", "team", "priority"):
        op.drop_column("conversation", column, schema="hotline")
