"""A delivery may be for the other conversations than the one in which a citizen has acted."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work_order_delivery", sa.Column("said_in", sa.Uuid(), nullable=True), schema="hotline")


def downgrade() -> None:
    op.drop_column("work_order_delivery", "said_in", schema="hotline")
