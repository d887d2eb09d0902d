"""Work that is done in its own time: by procrastinate, on the same PostgreSQL, in the process ``hotline worker``.

The jobs hold no truth. Each one looks in the service's tables for what is due, so that a lost or a doubled job does
no harm; deferring one only makes it come sooner than its turn.
"""
