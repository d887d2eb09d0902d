"""What makes lists, search and counters of many orders quick."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Pairs of neighbouring characters, for finding Chinese words inside a text.
_BIGRAMS = r"""
CREATE FUNCTION hotline.bigrams(said text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT pair), '{}') FROM (
        SELECT letter || lead(letter) OVER (ORDER BY place) AS pair
        FROM regexp_split_to_table(lower(regexp_replace(said, '\s+', '', 'g')), '')
            WITH ORDINALITY AS letters(letter, place)
    ) AS pairs
    WHERE pair IS NOT NULL
$$
"""


def upgrade() -> None:
    op.execute(_BIGRAMS)
    op.drop_index(op.f("ix_work_order_lead_unit"), table_name="work_order", schema="hotline")
    op.create_index("ix_work_order_unit_newest", "work_order", ["lead_unit", "id"], schema="hotline")
    op.create_index("ix_work_order_area_newest", "work_order", ["area_code", "id"], schema="hotline")
    op.create_index(
        "ix_work_order_topic",
        "work_order",
        ["topic", "id"],
        schema="hotline",
        postgresql_ops={"topic": "text_pattern_ops"},
    )
    op.create_index(
        "ix_work_order_number_begin",
        "work_order",
        ["number"],
        schema="hotline",
        postgresql_ops={"number": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_work_order_created_at"), "work_order", ["created_at"], schema="hotline")
    op.create_index(op.f("ix_work_order_closed_at"), "work_order", ["closed_at"], schema="hotline")
    op.create_index(
        "ix_work_order_open",
        "work_order",
        [sa.text("(urgency = '加急') DESC"), "promised_date", "id"],
        schema="hotline",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_work_order_tail", "work_order", [sa.text("split_part(number, '-', 2)")], schema="hotline"
    )
    op.create_index(
        "ix_work_order_words",
        "work_order",
        [sa.text("hotline.bigrams((what || '|') || where_text)")],
        schema="hotline",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def downgrade() -> None:
    for name in ("words", "tail", "open", "number_begin", "topic", "area_newest", "unit_newest"):
        op.drop_index(f"ix_work_order_{name}", table_name="work_order", schema="hotline")
    op.drop_index(op.f("ix_work_order_closed_at"), table_name="work_order", schema="hotline")
    op.drop_index(op.f("ix_work_order_created_at"), table_name="work_order", schema="hotline")
    op.create_index(op.f("ix_work_order_lead_unit"), "work_order", ["lead_unit"], schema="hotline")
    op.execute("DROP FUNCTION hotline.bigrams(text)")
