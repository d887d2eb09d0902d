"""What is hot, kept from turn to turn."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hot_issue",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("words", JSONB(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), server_default="待定", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("level IN ('地点', '事项')", name=op.f("ck_hot_issue_level")),
        sa.CheckConstraint("decision IN ('待定', '已确认', '已忽略')", name=op.f("ck_hot_issue_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hot_issue")),
        sa.UniqueConstraint("key", name=op.f("uq_hot_issue_key")),
        schema="hotline",
    )
    op.create_index(op.f("ix_hot_issue_last_at"), "hot_issue", ["last_at"], unique=False, schema="hotline")
    op.create_table(
        "hot_issue_window",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("callers", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("heat", sa.Float(), nullable=False),
        sa.Column("trend", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sample", JSONB(), nullable=False),
        sa.Column("turned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('进行中', '已平息')", name=op.f("ck_hot_issue_window_state")),
        sa.CheckConstraint(
            "trend IN ('新出现', '上升', '持平', '下降')", name=op.f("ck_hot_issue_window_trend")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["hotline.hot_issue.id"], name=op.f("fk_hot_issue_window_issue_id_hot_issue")
        ),
        sa.PrimaryKeyConstraint("issue_id", "window", name=op.f("pk_hot_issue_window")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_hot_issue_window_state"), "hot_issue_window", ["state"], unique=False, schema="hotline"
    )
    op.create_table(
        "hot_issue_member",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["hotline.hot_issue.id"], name=op.f("fk_hot_issue_member_issue_id_hot_issue")
        ),
        sa.PrimaryKeyConstraint("issue_id", "window", "number", name=op.f("pk_hot_issue_member")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_hot_issue_member_number"), "hot_issue_member", ["number"], unique=False, schema="hotline"
    )


def downgrade() -> None:
    op.drop_table("hot_issue_member", schema="hotline")
    op.drop_table("hot_issue_window", schema="hotline")
    op.drop_table("hot_issue", schema="hotline")
