"""Alembic's entry: all tables of all slices, in the schema ``hotline``."""

from alembic import context
from sqlalchemy import create_engine, pool, text

import hotline.accounts.models
import hotline.attachments.models
import hotline.audit.models
import hotline.calendar.models
import hotline.channels.wechat.models
import hotline.conversations.models
import hotline.demo.models
import hotline.desk.models
import hotline.knowledge.models
import hotline.open311.models
import hotline.outside.models
import hotline.quality.models
import hotline.reports.models
import hotline.similarity.models
import hotline.work_orders.models  # noqa: F401
from hotline.database import SCHEMA, Base

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    # One migration at a time, also when two processes start together.
    connection.execute(text("SELECT pg_advisory_lock(12345)"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS rasa"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=lambda name, kind, _: kind != "schema" or name == SCHEMA,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
