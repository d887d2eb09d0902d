"""Demo data: which conversations are, and what is there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With its default left in the database the column is added without writing a row.
    op.add_column(
        "conversation",
        sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        schema="hotline",
    )
    op.create_table(
        "demo_fill",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.Column("people", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_demo_fill_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_fill")),
        schema="hotline",
    )


def downgrade() -> None:
    op.drop_table("demo_fill", schema="hotline")
    op.drop_column("conversation", "demo", schema="hotline")
