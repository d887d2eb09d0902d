"""Versions of the matters: what is in force becomes the first, as it came from the files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_STATES = "'草稿', '待审核', '已退回', '待发布', '已发布', '已被替换', '已作废'"
_OPEN = "state IN ('草稿', '待审核', '已退回', '待发布')"


def upgrade() -> None:
    op.add_column("matter", sa.Column("file_hash", sa.Text(), nullable=True), schema="hotline")
    op.execute("UPDATE hotline.matter SET file_hash = content_hash WHERE withdrawn_at IS NULL")
    op.create_table(
        "matter_version",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("withdraws", sa.Boolean(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("editors", postgresql.JSONB(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("verdict", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_matter_version_state")),
        sa.CheckConstraint(
            "origin IN ('文件', '网页', 'Excel', '质检')", name=op.f("ck_matter_version_origin")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_version")),
        sa.UniqueConstraint("code", "number", name=op.f("uq_matter_version_code_number")),
        schema="hotline",
    )
    op.create_index(
        "uq_matter_version_live",
        "matter_version",
        ["code"],
        unique=True,
        schema="hotline",
        postgresql_where=sa.text("state = '已发布'"),
    )
    op.create_index(
        "uq_matter_version_open",
        "matter_version",
        ["code", sa.text("(origin = '文件')")],
        unique=True,
        schema="hotline",
        postgresql_where=sa.text(_OPEN),
    )
    op.execute(
        """INSERT INTO hotline.matter_version (code, number, state, origin, content, content_hash, withdraws, revision,
            note, reason, author, editors, changed_by, created_at, changed_at, published_at)
        SELECT code, 1, '已发布', '文件', content, content_hash, withdrawn_at IS NOT NULL, 1, '', '', '文件', '[]', '文件',
            coalesce(withdrawn_at, loaded_at), coalesce(withdrawn_at, loaded_at), coalesce(withdrawn_at, loaded_at)
        FROM hotline.matter"""
    )


def downgrade() -> None:
    op.drop_table("matter_version", schema="hotline")
    op.drop_column("matter", "file_hash", schema="hotline")
