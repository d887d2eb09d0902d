"""What figures are made of: when a conversation began, how it went, every handover; and the 热线专报."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Of what was before, as much as can be known: handovers of former times were not kept.
_KNOWN = (
    """UPDATE hotline.conversation c SET began_at = said.at FROM (
        SELECT conversation_id, min(created_at) AS at FROM hotline.message WHERE author = 'citizen'
        GROUP BY conversation_id) said WHERE said.conversation_id = c.id""",
    """UPDATE hotline.conversation c SET bot_answered = NOT last.fallback FROM (
        SELECT DISTINCT ON (conversation_id) conversation_id,
            coalesce((evidence ->> 'fallback')::boolean, false) AS fallback
        FROM hotline.message WHERE evidence IS NOT NULL ORDER BY conversation_id, seq DESC) last
        WHERE last.conversation_id = c.id""",
    """INSERT INTO hotline.handover (conversation_id, reason, began_at, claimed_at, agent, replied_at)
        SELECT id, coalesce(queue_reason, 'taken_over'), coalesce(queued_at, claimed_at, changed_at), claimed_at, agent,
            (SELECT min(m.created_at) FROM hotline.message m
            WHERE m.conversation_id = c.id AND m.author = 'agent' AND m.created_at >= c.claimed_at)
        FROM hotline.conversation c WHERE mode <> 'bot'""",
)

_REFUSE = """
CREATE FUNCTION hotline.keep_released_bulletin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a released bulletin does not change';
END
$$
"""
_TRIGGER = """
CREATE TRIGGER keep_released BEFORE UPDATE ON hotline.bulletin FOR EACH ROW
WHEN (OLD.state = '已发布') EXECUTE FUNCTION hotline.keep_released_bulletin()
"""


def upgrade() -> None:
    op.add_column(
        "conversation", sa.Column("began_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column("conversation", sa.Column("bot_answered", sa.Boolean(), nullable=True), schema="hotline")
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["hotline.conversation.id"],
            name=op.f("fk_handover_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        schema="hotline",
    )
    for statement in _KNOWN:
        op.execute(statement)
    op.create_index(op.f("ix_conversation_began_at"), "conversation", ["began_at"], schema="hotline")
    for column in ("conversation_id", "began_at", "agent"):
        op.create_index(op.f(f"ix_handover_{column}"), "handover", [column], schema="hotline")
    op.create_index(
        "uq_handover_open",
        "handover",
        ["conversation_id"],
        unique=True,
        schema="hotline",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('草稿', '已发布')", name=op.f("ck_bulletin_state")),
        sa.CheckConstraint("(state = '已发布') = (issue IS NOT NULL)", name=op.f("ck_bulletin_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("year", "issue", name=op.f("uq_bulletin_year_issue")),
        schema="hotline",
    )
    op.create_table(
        "bulletin_version",
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["hotline.bulletin.id"], name=op.f("fk_bulletin_version_bulletin_id_bulletin")
        ),
        sa.PrimaryKeyConstraint("bulletin_id", "version", name=op.f("pk_bulletin_version")),
        schema="hotline",
    )
    op.execute(_REFUSE)
    op.execute(_TRIGGER)


def downgrade() -> None:
    op.drop_table("bulletin_version", schema="hotline")
    op.drop_table("bulletin", schema="hotline")
    op.execute("DROP FUNCTION hotline.keep_released_bulletin()")
    op.drop_table("handover", schema="hotline")
    op.drop_index(op.f("ix_conversation_began_at"), table_name="conversation", schema="hotline")
    for column in ("bot_answered", "began_at"):
        op.drop_column("conversation", column, schema="hotline")
