"""The quality loop: groups of questions, what is done about them, proposals, releases; where an outside question comes from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False)


def _group(name: str, on_delete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["group_id"],
        ["hotline.quality_group.id"],
        name=op.f(f"fk_{name}_group_id_quality_group"),
        ondelete=on_delete,
    )


def upgrade() -> None:
    op.add_column(
        "outside_question",
        sa.Column("origin", sa.Text(), server_default="文件", nullable=False),
        schema="hotline",
    )
    op.create_index(
        "ix_message_useless",
        "message",
        ["created_at"],
        schema="hotline",
        postgresql_where=sa.text("feedback IS FALSE"),
    )
    op.create_table(
        "quality_group",
        _id(),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", _AT, nullable=True),
        sa.Column("recurred_at", _AT, nullable=True),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("first_at", _AT, nullable=False),
        sa.Column("last_at", _AT, nullable=False),
        sa.Column("sources", _JSON, nullable=False),
        sa.Column("channels", _JSON, nullable=False),
        sa.Column("speakers", _JSON, nullable=False),
        sa.Column("nearest", _JSON, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('待处理', '处理中', '已处理', '不用处理')", name=op.f("ck_quality_group_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_group")),
        schema="hotline",
    )
    op.create_index(op.f("ix_quality_group_state"), "quality_group", ["state"], schema="hotline")
    op.create_index(op.f("ix_quality_group_last_at"), "quality_group", ["last_at"], schema="hotline")
    op.create_table(
        "quality_question",
        _id(),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("matter", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        _group("quality_question"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_question")),
        sa.UniqueConstraint("line", name=op.f("uq_quality_question_line")),
        schema="hotline",
    )
    op.create_index(op.f("ix_quality_question_group_id"), "quality_question", ["group_id"], schema="hotline")
    op.create_index(
        "ix_quality_question_conversation", "quality_question", ["conversation_id"], schema="hotline"
    )
    op.create_table(
        "quality_source",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["hotline.quality_question.id"],
            name=op.f("fk_quality_source_question_id_quality_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "ref", name=op.f("pk_quality_source")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_quality_source_question_id"), "quality_source", ["question_id"], schema="hotline"
    )
    op.create_table(
        "quality_draft",
        _id(),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        _group("quality_draft", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_draft")),
        schema="hotline",
    )
    op.create_index("ix_quality_draft_group", "quality_draft", ["group_id"], schema="hotline")
    _proposals()
    op.create_table(
        "quality_release",
        _id(),
        sa.Column("at", _AT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("figures", _JSON, nullable=False),
        sa.Column("fallen", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_release")),
        schema="hotline",
    )


def _proposals() -> None:
    op.create_table(
        "quality_proposal",
        _id(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("reviewed_at", _AT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("verdict", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("released_at", _AT, nullable=True),
        sa.CheckConstraint("kind IN ('意图', '库外')", name=op.f("ck_quality_proposal_kind")),
        sa.CheckConstraint(
            "state IN ('待复核', '已通过', '已退回', '已撤回')", name=op.f("ck_quality_proposal_state")
        ),
        _group("quality_proposal", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_proposal")),
        schema="hotline",
    )
    op.create_index(op.f("ix_quality_proposal_state"), "quality_proposal", ["state"], schema="hotline")
    op.create_index(
        op.f("ix_quality_proposal_conversation_id"), "quality_proposal", ["conversation_id"], schema="hotline"
    )
    op.create_index(
        "uq_quality_proposal_text",
        "quality_proposal",
        ["kind", "text"],
        unique=True,
        schema="hotline",
        postgresql_where=sa.text("state IN ('待复核', '已通过')"),
    )


def downgrade() -> None:
    for name in ("release", "proposal", "draft", "source", "question", "group"):
        op.drop_table(f"quality_{name}", schema="hotline")
    op.drop_index("ix_message_useless", "message", schema="hotline")
    op.execute("DELETE FROM hotline.outside_question WHERE origin <> '文件'")
    op.drop_column("outside_question", "origin", schema="hotline")
