"""The whole life of an order: what it goes through, who asks what, what is told, what is due; and the audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


_CHECKS = {
    "status": "'待受理', '已受理', '待审定', '已派单', '办理中', '挂起', '已答复', '回访中', '待复核', '已并案', "
    "'已办结', '已撤回', '不予受理'",
    "urgency": "'低', '一般', '加急'",
    "source": "'网络', '微信', '电话', '领导接听', '人大代表通道', '上级交办'",
    "assignment": "'即交即办', '会商交办', '领导交办'",
    "rating": "'满意', '基本满意', '不满意', '未评价'",
}
_OLD_STATUSES = "'待受理', '已受理', '已派单', '办理中', '已答复', '回访中', '已办结', '已撤回', '不予受理'"


def _check(column: str, values: str) -> None:
    op.create_check_constraint(
        op.f(f"ck_work_order_{column}"), "work_order", f"{column} IN ({values})", schema="hotline"
    )


def upgrade() -> None:
    op.create_table(
        "audit_line",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_line")),
        schema="hotline",
    )
    op.create_index(op.f("ix_audit_line_actor"), "audit_line", ["actor"], unique=False, schema="hotline")
    op.create_index(op.f("ix_audit_line_subject"), "audit_line", ["subject"], unique=False, schema="hotline")
    op.create_table(
        "work_order_delivery",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('待送达', '已送达', '未送达', '待电话告知')", name=op.f("ck_work_order_delivery_state")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_work_order_delivery_order_id_work_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order_delivery")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_delivery_order_id"),
        "work_order_delivery",
        ["order_id"],
        unique=False,
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_delivery_unit"), "work_order_delivery", ["unit"], unique=False, schema="hotline"
    )
    op.create_index(
        "ix_work_order_delivery_waiting",
        "work_order_delivery",
        ["next_try_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("state = '待送达'"),
    )
    op.create_table(
        "work_order_letter",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("assisting", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lead_duty", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('办理函', '专题报告')", name=op.f("ck_work_order_letter_kind")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_work_order_letter_order_id_work_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order_letter")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_letter_order_id"),
        "work_order_letter",
        ["order_id"],
        unique=False,
        schema="hotline",
    )
    op.create_table(
        "work_order_likeness",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_work_order_likeness_order_id_work_order")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["hotline.work_order.id"], name=op.f("fk_work_order_likeness_other_id_work_order")
        ),
        sa.PrimaryKeyConstraint("order_id", "other_id", name=op.f("pk_work_order_likeness")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_likeness_other_id"),
        "work_order_likeness",
        ["other_id"],
        unique=False,
        schema="hotline",
    )
    op.create_table(
        "work_order_request",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('退单', '延期')", name=op.f("ck_work_order_request_kind")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_work_order_request_order_id_work_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order_request")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_request_order_id"),
        "work_order_request",
        ["order_id"],
        unique=False,
        schema="hotline",
    )
    op.create_index(
        "uq_work_order_request_waiting",
        "work_order_request",
        ["order_id", "kind"],
        unique=True,
        schema="hotline",
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "work_order_timer",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_work_order_timer_order_id_work_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_order_timer")),
        sa.UniqueConstraint(
            "order_id", "kind", "due_at", name=op.f("uq_work_order_timer_order_id_kind_due_at")
        ),
        schema="hotline",
    )
    op.create_index(
        "ix_work_order_timer_waiting",
        "work_order_timer",
        ["due_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("fired_at IS NULL"),
    )
    op.create_table(
        "work_order_unit",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.Column("opinion_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["hotline.work_order.id"], name=op.f("fk_work_order_unit_order_id_work_order")
        ),
        sa.PrimaryKeyConstraint("order_id", "unit", name=op.f("pk_work_order_unit")),
        schema="hotline",
    )
    op.create_index(
        op.f("ix_work_order_unit_unit"), "work_order_unit", ["unit"], unique=False, schema="hotline"
    )
    op.add_column(
        "work_order", sa.Column("source", sa.Text(), server_default="网络", nullable=False), schema="hotline"
    )
    op.add_column("work_order", sa.Column("taken_by", sa.Text(), nullable=True), schema="hotline")
    op.add_column(
        "work_order", sa.Column("version", sa.Integer(), server_default="1", nullable=False), schema="hotline"
    )
    op.add_column(
        "work_order", sa.Column("urgency", sa.Text(), server_default="一般", nullable=False), schema="hotline"
    )
    op.add_column("work_order", sa.Column("topic", sa.Text(), nullable=True), schema="hotline")
    op.add_column("work_order", sa.Column("assignment", sa.Text(), nullable=True), schema="hotline")
    op.add_column("work_order", sa.Column("lead_unit", sa.Text(), nullable=True), schema="hotline")
    op.add_column(
        "work_order",
        sa.Column("designated", sa.Boolean(), server_default="false", nullable=False),
        schema="hotline",
    )
    op.add_column(
        "work_order", sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column(
        "work_order", sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column(
        "work_order", sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column(
        "work_order", sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column(
        "work_order", sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column(
        "work_order", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column("work_order", sa.Column("answered_late", sa.Boolean(), nullable=True), schema="hotline")
    op.add_column("work_order", sa.Column("answer", sa.Text(), nullable=True), schema="hotline")
    op.add_column(
        "work_order", sa.Column("callback_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column(
        "work_order", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column("work_order", sa.Column("rating", sa.Text(), nullable=True), schema="hotline")
    op.add_column("work_order", sa.Column("rating_reason", sa.Text(), nullable=True), schema="hotline")
    op.add_column(
        "work_order",
        sa.Column("extended", sa.Integer(), server_default="0", nullable=False),
        schema="hotline",
    )
    op.add_column(
        "work_order", sa.Column("redone", sa.Integer(), server_default="0", nullable=False), schema="hotline"
    )
    op.add_column(
        "work_order",
        sa.Column("supervision_level", sa.Integer(), server_default="0", nullable=False),
        schema="hotline",
    )
    op.add_column("work_order", sa.Column("merged_into", sa.Integer(), nullable=True), schema="hotline")
    op.add_column(
        "work_order", sa.Column("triaged_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.add_column(
        "work_order",
        sa.Column("proposal", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        schema="hotline",
    )
    op.add_column("work_order", sa.Column("meaning", sa.LargeBinary(), nullable=True), schema="hotline")
    op.add_column(
        "work_order", sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True), schema="hotline"
    )
    op.create_index(
        op.f("ix_work_order_lead_unit"), "work_order", ["lead_unit"], unique=False, schema="hotline"
    )
    op.create_index(
        op.f("ix_work_order_merged_into"), "work_order", ["merged_into"], unique=False, schema="hotline"
    )
    op.create_index(op.f("ix_work_order_phone"), "work_order", ["phone"], unique=False, schema="hotline")
    op.create_index(op.f("ix_work_order_status"), "work_order", ["status"], unique=False, schema="hotline")
    op.create_index(
        "ix_work_order_untriaged",
        "work_order",
        ["created_at"],
        unique=False,
        schema="hotline",
        postgresql_where=sa.text("triaged_at IS NULL"),
    )
    op.create_foreign_key(
        op.f("fk_work_order_merged_into_work_order"),
        "work_order",
        "work_order",
        ["merged_into"],
        ["id"],
        source_schema="hotline",
        referent_schema="hotline",
    )
    op.add_column(
        "work_order_event",
        sa.Column("role", sa.Text(), server_default="市民", nullable=False),
        schema="hotline",
    )
    op.add_column("work_order_event", sa.Column("unit", sa.Text(), nullable=True), schema="hotline")
    op.add_column(
        "work_order_event",
        sa.Column("status", sa.Text(), server_default="待受理", nullable=False),
        schema="hotline",
    )
    op.add_column(
        "work_order_event",
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        schema="hotline",
    )
    op.add_column(
        "work_order_event",
        sa.Column("public", sa.Boolean(), server_default="true", nullable=False),
        schema="hotline",
    )
    op.drop_constraint(op.f("ck_work_order_status"), "work_order", schema="hotline", type_="check")
    for column, values in _CHECKS.items():
        _check(column, values)


def downgrade() -> None:
    for column in _CHECKS:
        op.drop_constraint(op.f(f"ck_work_order_{column}"), "work_order", schema="hotline", type_="check")
    _check("status", _OLD_STATUSES)
    op.drop_column("work_order_event", "public", schema="hotline")
    op.drop_column("work_order_event", "detail", schema="hotline")
    op.drop_column("work_order_event", "status", schema="hotline")
    op.drop_column("work_order_event", "unit", schema="hotline")
    op.drop_column("work_order_event", "role", schema="hotline")
    op.drop_constraint(
        op.f("fk_work_order_merged_into_work_order"), "work_order", schema="hotline", type_="foreignkey"
    )
    op.drop_index(
        "ix_work_order_untriaged",
        table_name="work_order",
        schema="hotline",
        postgresql_where=sa.text("triaged_at IS NULL"),
    )
    op.drop_index(op.f("ix_work_order_status"), table_name="work_order", schema="hotline")
    op.drop_index(op.f("ix_work_order_phone"), table_name="work_order", schema="hotline")
    op.drop_index(op.f("ix_work_order_merged_into"), table_name="work_order", schema="hotline")
    op.drop_index(op.f("ix_work_order_lead_unit"), table_name="work_order", schema="hotline")
    op.drop_column("work_order", "anonymised_at", schema="hotline")
    op.drop_column("work_order", "meaning", schema="hotline")
    op.drop_column("work_order", "proposal", schema="hotline")
    op.drop_column("work_order", "triaged_at", schema="hotline")
    op.drop_column("work_order", "merged_into", schema="hotline")
    op.drop_column("work_order", "supervision_level", schema="hotline")
    op.drop_column("work_order", "redone", schema="hotline")
    op.drop_column("work_order", "extended", schema="hotline")
    op.drop_column("work_order", "rating_reason", schema="hotline")
    op.drop_column("work_order", "rating", schema="hotline")
    op.drop_column("work_order", "closed_at", schema="hotline")
    op.drop_column("work_order", "callback_at", schema="hotline")
    op.drop_column("work_order", "answer", schema="hotline")
    op.drop_column("work_order", "answered_late", schema="hotline")
    op.drop_column("work_order", "answered_at", schema="hotline")
    op.drop_column("work_order", "overdue_at", schema="hotline")
    op.drop_column("work_order", "suspended_at", schema="hotline")
    op.drop_column("work_order", "signed_at", schema="hotline")
    op.drop_column("work_order", "dispatched_at", schema="hotline")
    op.drop_column("work_order", "accepted_at", schema="hotline")
    op.drop_column("work_order", "designated", schema="hotline")
    op.drop_column("work_order", "lead_unit", schema="hotline")
    op.drop_column("work_order", "assignment", schema="hotline")
    op.drop_column("work_order", "topic", schema="hotline")
    op.drop_column("work_order", "urgency", schema="hotline")
    op.drop_column("work_order", "version", schema="hotline")
    op.drop_column("work_order", "taken_by", schema="hotline")
    op.drop_column("work_order", "source", schema="hotline")
    op.drop_index(op.f("ix_work_order_unit_unit"), table_name="work_order_unit", schema="hotline")
    op.drop_table("work_order_unit", schema="hotline")
    op.drop_index(
        "ix_work_order_timer_waiting",
        table_name="work_order_timer",
        schema="hotline",
        postgresql_where=sa.text("fired_at IS NULL"),
    )
    op.drop_table("work_order_timer", schema="hotline")
    op.drop_index(
        "uq_work_order_request_waiting",
        table_name="work_order_request",
        schema="hotline",
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_index(op.f("ix_work_order_request_order_id"), table_name="work_order_request", schema="hotline")
    op.drop_table("work_order_request", schema="hotline")
    op.drop_index(op.f("ix_work_order_likeness_other_id"), table_name="work_order_likeness", schema="hotline")
    op.drop_table("work_order_likeness", schema="hotline")
    op.drop_index(op.f("ix_work_order_letter_order_id"), table_name="work_order_letter", schema="hotline")
    op.drop_table("work_order_letter", schema="hotline")
    op.drop_index(
        "ix_work_order_delivery_waiting",
        table_name="work_order_delivery",
        schema="hotline",
        postgresql_where=sa.text("state = '待送达'"),
    )
    op.drop_index(op.f("ix_work_order_delivery_unit"), table_name="work_order_delivery", schema="hotline")
    op.drop_index(op.f("ix_work_order_delivery_order_id"), table_name="work_order_delivery", schema="hotline")
    op.drop_table("work_order_delivery", schema="hotline")
    op.drop_index(op.f("ix_audit_line_subject"), table_name="audit_line", schema="hotline")
    op.drop_index(op.f("ix_audit_line_actor"), table_name="audit_line", schema="hotline")
    op.drop_table("audit_line", schema="hotline")
