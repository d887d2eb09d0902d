"""Two hundred thousand conversations beside the orders of ``many_orders``, for measuring."""

from __future__ import annotations

import psycopg

_DAYS = 365


def fill(url: str, count: int) -> None:
    """Put ``count`` conversations of the last year into the database, a fifth of them handed over."""
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path TO hotline")
        connection.execute("SELECT setseed(0.12345)")
        connection.execute(
            """INSERT INTO conversation (id, channel, mode, priority, last_seq, created_at, changed_at, began_at, bot_answered)
            SELECT gen_random_uuid(), (ARRAY['web', 'web', 'wechat'])[1 + n %% 3], 'bot', 0, 6, at, at + interval '5 minutes',
                CASE WHEN n %% 12 > 0 THEN at + interval '20 seconds' END, random() < 0.85
            FROM (SELECT n, timestamptz '2026-11-27 08:00+00' - n * (interval '1 day' * %s / %s) AS at
                FROM generate_series(1, %s) n) AS days""",
            (_DAYS, count, count),
        )
        connection.execute(
            """INSERT INTO handover (conversation_id, reason, began_at, claimed_at, agent, replied_at, ended_at)
            SELECT id, (ARRAY['citizen', 'citizen', 'two_failures', 'negative_feedback'])[1 + (random() * 3)::int],
                began_at + interval '1 minute', began_at + interval '2 minutes', (1024 + (random() * 30)::int)::text,
                CASE WHEN random() < 0.95 THEN began_at + interval '1 minute' + random() * interval '4 minutes' END,
                began_at + interval '20 minutes'
            FROM conversation WHERE began_at IS NOT NULL AND random() < 0.2"""
        )
        connection.execute(
            """UPDATE work_order o SET conversation_id = c.id FROM (
                SELECT id, row_number() OVER (ORDER BY began_at) AS n FROM conversation WHERE began_at IS NOT NULL) c
            WHERE o.source IN ('网络', '微信') AND o.id = c.n"""
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
