"""Who sees the quality of answers, and who does something about it. Pure."""

from __future__ import annotations

from hotline.knowledge.rights import Person
from hotline.quality import texts
from hotline.quality.errors import QualityError

#: Those who look on. A unit's people see what concerns their unit as editors only.
READERS = ("督办", "领导")
#: Those to whom a conversation may be opened; see hotline/desk/rights.py.
_SEE_CONVERSATIONS = ("坐席", "派单员", "督办", "领导", "跟班学习")


def check_reads(person: Person) -> None:
    """Refuse who has nothing to do with it.

    Raises:
        QualityError: with the person's roles.
    """
    if not person.edits and not set(READERS) & set(person.roles):
        raise QualityError("forbidden", texts.NOT_FOR_YOU.format(roles="、".join(person.roles)))


def check_edits(person: Person) -> None:
    """Refuse who only looks on.

    Raises:
        QualityError: the person is no editor.
    """
    check_reads(person)
    if not person.edits:
        raise QualityError("forbidden", texts.ONLY_EDITORS)


def sees(person: Person, unit: str) -> bool:
    """Whether questions nearest to a matter of this unit are shown to the person."""
    return not person.edits or person.owns(unit)


def sees_conversations(person: Person) -> bool:
    """Whether conversations may be opened."""
    return bool(set(_SEE_CONVERSATIONS) & set(person.roles))


def role_of(person: Person) -> str:
    """The role that is written down."""
    return person.role
