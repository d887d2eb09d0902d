"""The migrations make the schema that the models describe."""

from __future__ import annotations

import multiprocessing

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from hotline.migrate import configuration, upgrade


def tables(url: str) -> set[str]:
    """The tables of the service."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'hotline'")
        return {name for (name,) in found}


def test_models_and_migrations_describe_the_same_schema(database_url: str) -> None:
    command.check(configuration(database_url))


def test_a_difference_between_models_and_migrations_is_found(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE hotline.work_order DROP COLUMN enterprise")

    with pytest.raises(Exception, match="New upgrade operations detected"):
        command.check(configuration(database_url))


def test_every_rule_of_the_models_is_in_the_schema(database_url: str) -> None:
    # Alembic does not compare these.
    with psycopg.connect(database_url) as connection:
        checks = {
            name
            for (name,) in connection.execute(
                "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'hotline'::regnamespace"
            )
        }
        partial = {
            name
            for (name,) in connection.execute(
                "SELECT indexname FROM pg_indexes WHERE schemaname = 'hotline' AND indexdef LIKE '%WHERE%'"
            )
        }

    assert checks >= {
        "ck_conversation_mode",
        "ck_message_author",
        "ck_work_order_nature",
        "ck_work_order_status",
        "ck_work_order_urgency",
        "ck_work_order_source",
        "ck_work_order_assignment",
        "ck_work_order_rating",
        "ck_work_order_delivery_state",
        "ck_work_order_request_kind",
        "ck_work_order_letter_kind",
        "ck_hot_issue_level",
        "ck_hot_issue_decision",
        "ck_hot_issue_window_state",
        "ck_hot_issue_window_trend",
        "ck_outside_message_state",
        "ck_desk_agent_status",
        "ck_matter_version_state",
        "ck_matter_version_origin",
        "ck_desk_agent_limit",
        "ck_desk_note_kind",
        "ck_desk_setting_one",
        "ck_bulletin_state",
        "ck_bulletin_issue",
    }
    assert partial >= {
        "ix_conversation_queue",
        "ix_message_pending",
        "ix_work_order_timer_waiting",
        "ix_work_order_delivery_waiting",
        "uq_work_order_request_waiting",
        "ix_outside_message_open",
        "ix_conversation_held",
        "uq_handover_open",
        "uq_matter_version_live",
        "uq_matter_version_open",
    }


def test_there_is_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(configuration("postgresql://nowhere"))

    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_migrating_again_changes_nothing_and_going_back_leaves_nothing(database_url: str) -> None:
    before = tables(database_url)
    assert {"conversation", "message", "work_order", "work_order_event", "matter"} <= before
    upgrade(database_url)
    assert tables(database_url) == before

    command.downgrade(configuration(database_url), "base")

    assert tables(database_url) == {"alembic_version"}


def test_processes_may_migrate_an_empty_database_together(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA hotline CASCADE")

    fork = multiprocessing.get_context("fork")
    together = [fork.Process(target=upgrade, args=(database_url,)) for _ in range(3)]
    for process in together:
        process.start()
    for process in together:
        process.join(30)

    assert [process.exitcode for process in together] == [0, 0, 0]
    assert "work_order" in tables(database_url)
