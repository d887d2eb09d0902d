"""Points of Chinese maps find their way back to where they are."""

from __future__ import annotations

import pytest

from hotline.datum import to_gcj02, to_wgs84

#: WGS-84 and GCJ-02 of three places, as other programs have them.
_KNOWN = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]


@pytest.mark.parametrize(("world", "map_"), _KNOWN)
def test_points_are_those_of_other_programs(world: tuple[float, float], map_: tuple[float, float]) -> None:
    assert to_gcj02(*world) == pytest.approx(map_, abs=1e-6)
    assert to_wgs84(*map_) == pytest.approx(world, abs=1e-6)


def test_zhuzhou_moves_by_hundreds_of_metres_and_the_rest_of_the_world_not() -> None:
    lat, long = to_wgs84(27.8274, 113.1340)
    assert 100 < ((lat - 27.8274) ** 2 + (long - 113.1340) ** 2) ** 0.5 * 111_000 < 1000
    assert to_wgs84(48.85, 2.35) == (48.85, 2.35)
