"""Accounts for the demo data, when they are wanted; else the numbers of nobody."""

from __future__ import annotations

from collections.abc import Sequence

from hotline.accounts.service import By
from hotline.demo.lives import Staff
from hotline.demo.parts import Parts

#: Numbers without accounts.
NOBODY = Staff(
    agents=("80001", "80002", "80003", "80004", "80005", "80006"),
    dispatcher="80021",
    supervisor="80031",
    leader="80041",
    unit="80051",
)
_BY = By(name="命令行")
#: What each is called, with role and unit; the numbers are those of :data:`NOBODY`.
_PEOPLE: Sequence[tuple[str, str, str, str | None]] = (
    *(
        (number, f"演示坐席{place}", "坐席", None)
        for place, number in zip("一二三四五六", NOBODY.agents, strict=True)
    ),
    (NOBODY.dispatcher, "演示派单员", "派单员", None),
    (NOBODY.supervisor, "演示督办", "督办", None),
    (NOBODY.leader, "演示领导", "领导", None),
    (NOBODY.unit, "演示承办单位", "承办单位", "ecology"),
    ("80061", "演示知识编辑", "知识编辑", None),
)


async def do_add_people(parts: Parts) -> tuple[list[tuple[str, str, str, str]], Staff]:
    """Make the accounts; their numbers, names, roles and one-time passwords.

    Raises:
        AccountError: a number is taken.
    """
    made = []
    for number, called, role, unit in _PEOPLE:
        _, password = await parts.people.accounts.do_add(
            number=number,
            name=called,
            roles=[role],
            unit=unit,
            team="演示组" if role == "坐席" else "",
            by=_BY,
        )
        made.append((number, called, role, password))
    return made, NOBODY
