"""The life of a work order: its table, and what may be done by it.

Pure: no clock, no database. ``hotline/work_orders/casework.py`` carries a transition out.
"""

from hotline.work_orders.lifecycle.drawing import as_table, diagram
from hotline.work_orders.lifecycle.parts import (
    BEFORE_ANSWER,
    ENDED,
    FIELDS,
    NATURES,
    NO_RATING,
    OPEN,
    RATINGS,
    STATUSES,
    Act,
    Case,
    Limits,
    NotAllowed,
    Role,
    Transition,
)
from hotline.work_orders.lifecycle.rules import find, needed, possible
from hotline.work_orders.lifecycle.table import ACTIONS, TABLE

__all__ = [
    "ACTIONS",
    "BEFORE_ANSWER",
    "ENDED",
    "FIELDS",
    "NATURES",
    "NO_RATING",
    "OPEN",
    "RATINGS",
    "STATUSES",
    "TABLE",
    "Act",
    "Case",
    "Limits",
    "NotAllowed",
    "Role",
    "Transition",
    "as_table",
    "diagram",
    "find",
    "needed",
    "possible",
]
