"""Conversations that follow an order which was made elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_order_follower",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["hotline.work_order.id"],
            name=op.f("fk_work_order_follower_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint("order_id", "conversation_id", name=op.f("pk_work_order_follower")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_follower_conversation_id"),
        "work_order_follower",
        ["conversation_id"],
        unique=False,
        schema="hotline",
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_work_order_follower_conversation_id"), table_name="work_order_follower", schema="hotline"
    )
    op.drop_table("work_order_follower", schema="hotline")
