"""Which roles one person may have."""

from __future__ import annotations

import pytest

from hotline.accounts.errors import AccountError
from hotline.accounts.roles import check_roles


@pytest.mark.parametrize(
    ("roles", "unit", "words"),
    [
        ([], None, "至少要有一种"),
        (["局长"], None, "身份只能是"),
        (["承办单位"], None, "是哪个单位"),
        (["坐席"], "ecology", "只有承办单位"),
        (["承办单位", "坐席"], "ecology", "坐席"),
        (["承办单位", "管理员"], "ecology", "管理员"),
        (["承办单位", "跟班学习"], "ecology", "跟班学习"),
    ],
)
def test_roles_that_do_not_go_together_are_refused(roles: list[str], unit: str | None, words: str) -> None:
    with pytest.raises(AccountError, match=words):
        check_roles(roles, unit)


def test_roles_are_kept_once_and_in_order() -> None:
    assert check_roles(["管理员", "坐席", "坐席"], None) == ["坐席", "管理员"]
    assert check_roles(["知识编辑", "承办单位"], "ecology") == ["承办单位", "知识编辑"]
