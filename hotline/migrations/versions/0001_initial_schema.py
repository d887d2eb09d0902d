"""The tables of conversations, knowledge and work orders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queue_reason", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('bot', 'queued', 'human')", name=op.f("ck_conversation_mode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        schema="hotline",
    )
    op.create_index(
        "ix_conversation_queue",
        "conversation",
        ["queued_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("mode = 'queued'"),
    )
    op.create_table(
        "matter",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_matter")),
        schema="hotline",
    )
    op.create_table(
        "matter_use",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", "day", name=op.f("pk_matter_use")),
        schema="hotline",
    )
    op.create_table(
        "outside_question",
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("text", name=op.f("pk_outside_question")),
        schema="hotline",
    )
    op.create_table(
        "unanswered_question",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("context", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered_question")),
        sa.UniqueConstraint("message_id", name=op.f("uq_unanswered_question_message_id")),
        schema="hotline",
    )
    op.create_index(
        "ix_unanswered_question_open",
        "unanswered_question",
        ["created_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_table(
        "work_order",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("query_code", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Boolean(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("where_text", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("street_code", sa.Text(), nullable=True),
        sa.Column("when_text", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("content_confidential", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("promised_date", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("wrong_code_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "nature IN ('咨询', '求助', '投诉', '举报', '建议', '表扬')", name=op.f("ck_work_order_nature")
        ),
        sa.CheckConstraint(
            "status IN ('待受理', '已受理', '已派单', '办理中', '已答复', '回访中', '已办结', '已撤回', '不予受理')",
            name=op.f("ck_work_order_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order")),
        sa.UniqueConstraint("draft", name=op.f("uq_work_order_draft")),
        sa.UniqueConstraint("number", name=op.f("uq_work_order_number")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_conversation_id"),
        "work_order",
        ["conversation_id"],
        unique=False,
        schema="hotline",
    )
    op.create_table(
        "work_order_counter",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_work_order_counter")),
        schema="hotline",
    )
    op.create_table(
        "message",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=True),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("reply_to", sa.Integer(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("feedback", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("author IN ('citizen', 'bot', 'agent', 'system')", name=op.f("ck_message_author")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["hotline.conversation.id"],
            name=op.f("fk_message_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "conversation_id", "client_id", name=op.f("uq_message_conversation_id_client_id")
        ),
        sa.UniqueConstraint(
            "conversation_id", "reply_to", "ordinal", name=op.f("uq_message_conversation_id_reply_to_ordinal")
        ),
        schema="hotline",
    )
    op.create_index(
        "ix_message_pending",
        "message",
        ["created_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "work_order_event",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_work_order_event_order_id_work_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order_event")),
        sa.UniqueConstraint("order_id", "request", name=op.f("uq_work_order_event_order_id_request")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_event_order_id"), "work_order_event", ["order_id"], unique=False, schema="hotline"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_work_order_event_order_id"), table_name="work_order_event", schema="hotline")
    op.drop_table("work_order_event", schema="hotline")
    op.drop_index(
        "ix_message_pending",
        table_name="message",
        schema="hotline",
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("message", schema="hotline")
    op.drop_table("work_order_counter", schema="hotline")
    op.drop_index(op.f("ix_work_order_conversation_id"), table_name="work_order", schema="hotline")
    op.drop_table("work_order", schema="hotline")
    op.drop_index(
        "ix_unanswered_question_open",
        table_name="unanswered_question",
        schema="hotline",
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.drop_table("unanswered_question", schema="hotline")
    op.drop_table("outside_question", schema="hotline")
    op.drop_table("matter_use", schema="hotline")
    op.drop_table("matter", schema="hotline")
    op.drop_index(
        "ix_conversation_queue",
        table_name="conversation",
        schema="hotline",
        postgresql_where=sa.text("mode = 'queued'"),
    )
    op.drop_table("conversation", schema="hotline")
