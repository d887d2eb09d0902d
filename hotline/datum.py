"""From the numbers of Chinese maps (GCJ-02) to those of the world's (WGS-84). Pure.

Maps in China move every point by some hundred metres, by a formula that was never published and is known since 2013 (``eviltransform``
and others give the same numbers). There is no formula back; it is found step by step, to a centimetre.
"""

from __future__ import annotations

from math import pi, sin, sqrt

#: The Krasovsky ellipsoid: half its long axis in metres, the square of its eccentricity.
_AXIS, _SQUARE = 6378245.0, 0.00669342162296594323
#: In degrees: a hundredth of a metre.
_NEAR = 1e-7
_STEPS = 30


def to_gcj02(lat: float, long: float) -> tuple[float, float]:
    """A point of WGS-84 as Chinese maps have it; degrees, latitude first."""
    if not (0.8293 <= lat <= 55.8271 and 72.004 <= long <= 137.8347):  # maps move nothing outside China
        return lat, long
    x, y = long - 105.0, lat - 35.0
    small = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + small
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + small
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    angle = lat / 180.0 * pi
    curved = 1 - _SQUARE * sin(angle) ** 2
    north = north * 180.0 / (_AXIS * (1 - _SQUARE) / (curved * sqrt(curved)) * pi)
    east = east * 180.0 / (_AXIS / sqrt(curved) * sin(pi / 2 - angle) * pi)
    return lat + north, long + east


def to_wgs84(lat: float, long: float) -> tuple[float, float]:
    """A point of GCJ-02 as the world has it; degrees, latitude first."""
    found_lat, found_long = lat, long
    for _ in range(_STEPS):
        moved_lat, moved_long = to_gcj02(found_lat, found_long)
        off_lat, off_long = moved_lat - lat, moved_long - long
        found_lat, found_long = found_lat - off_lat, found_long - off_long
        if abs(off_lat) < _NEAR and abs(off_long) < _NEAR:
            break
    return found_lat, found_long
