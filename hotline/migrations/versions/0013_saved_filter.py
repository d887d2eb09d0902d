"""Filters of lists that people have kept, wherever they sit; hot issues that are dealt with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_saved_filter_owner_name")),
        schema="hotline",
    )
    _decisions("'待定', '已确认', '已忽略', '已办结'")


def downgrade() -> None:
    op.execute("UPDATE hotline.hot_issue SET decision = '已确认' WHERE decision = '已办结'")
    _decisions("'待定', '已确认', '已忽略'")
    op.drop_table("saved_filter", schema="hotline")


def _decisions(allowed: str) -> None:
    name = op.f("ck_hot_issue_decision")
    op.drop_constraint(name, "hot_issue", schema="hotline")
    op.create_check_constraint(name, "hot_issue", f"decision IN ({allowed})", schema="hotline")
