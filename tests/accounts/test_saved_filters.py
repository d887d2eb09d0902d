"""Filters that people have kept are theirs, at whichever desk they sit."""

from __future__ import annotations

from tests.accounts.conftest import Browser, Staff, code_of

QUERY = {"list": "overdue", "area": "430211", "nature": "投诉"}


async def test_a_kept_filter_is_found_at_another_desk_and_by_nobody_else(
    browsers: list[Browser], staff: Staff
) -> None:
    desk, other_desk, colleague = browsers
    await staff.add("2001", "派单员")
    await staff.add("9001", "跟班学习")
    await desk.log_in("2001")
    await other_desk.log_in("2001")
    await colleague.log_in("9001")

    said = {"name": " 天元区  逾期 ", "query": {**QUERY, "words": "王某 13800138000", "page": "3"}}
    kept = (await desk("POST", "/saved-filters", json=said)).json()
    assert kept["name"] == "天元区 逾期"
    # What was searched for may be somebody's number: it is not kept.
    assert (await other_desk("GET", "/saved-filters")).json() == [kept | {"query": QUERY}]
    assert code_of(await desk("POST", "/saved-filters", json=said)) == (409, "taken")
    for wrong in (
        {"name": " ", "query": QUERY},
        {"name": "空", "query": {}},
        {"name": "字" * 21, "query": QUERY},
    ):
        assert code_of(await desk("POST", "/saved-filters", json=wrong)) == (422, "invalid")

    one = f"/saved-filters/{kept['id']}"
    assert (await colleague("GET", "/saved-filters")).json() == []
    assert code_of(await colleague("PATCH", one, json={"name": "我的"})) == (404, "not_found")
    assert code_of(await colleague("DELETE", one)) == (404, "not_found")
    # Whoever only looks on keeps filters all the same.
    assert (
        await colleague("POST", "/saved-filters", json={"name": "学习", "query": QUERY})
    ).status_code == 201

    renamed = await other_desk("PATCH", one, json={"name": "天元逾期"})
    assert renamed.json()["name"] == "天元逾期"
    assert (await desk("DELETE", one)).status_code == 204
    assert (await other_desk("GET", "/saved-filters")).json() == []
    for place in range(20):
        await desk("POST", "/saved-filters", json={"name": f"第 {place} 组", "query": QUERY})
    assert code_of(await desk("POST", "/saved-filters", json={"name": "又一组", "query": QUERY})) == (
        409,
        "full",
    )
