"""Real pictures for the tests, made by Pillow."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw

#: Somewhere in the city, as a telephone notes it: degrees, minutes, seconds.
_GPS = {1: "N", 2: (27.0, 49.0, 40.5), 3: "E", 4: (113.0, 8.0, 2.25)}
_MAKE, _ORIENTATION, _GPS_TAG = 0x010F, 0x0112, 0x8825
MAKER = "Telephone-Maker"
SECRET = "whose telephone this is"


def scene(width: int = 640, height: int = 480, mark: str = "red") -> Image.Image:
    """A street, with a mark in its upper left corner."""
    image = Image.new("RGB", (width, height), "lightgrey")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 2 // 3, width, height), fill="dimgrey")
    draw.ellipse((width // 3, height * 3 // 4, width // 2, height * 7 // 8), fill="black")
    draw.rectangle((0, 0, width // 4, height // 4), fill=mark)
    return image


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(width: int = 640, height: int = 480, mark: str = "red", **options: Any) -> bytes:
    """A plain JPEG."""
    return written(scene(width, height, mark), **options)


def telling_jpeg(orientation: int = 1, image: Image.Image | None = None) -> bytes:
    """A JPEG that says where, with what and by whom it was taken, and how the camera was held."""
    exif = Image.Exif()
    exif[_MAKE] = MAKER
    exif[_ORIENTATION] = orientation
    exif.get_ifd(_GPS_TAG).update(_GPS)
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    return written(image or scene(), exif=exif.tobytes(), comment=SECRET.encode(), xmp=xmp)


def opened(data: bytes) -> Image.Image:
    """The picture in a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def corner(data: bytes) -> str:
    """The colour of the upper left corner: ``red``, ``blue``, ``white`` or ``other``."""
    pixel = opened(data).convert("RGB").getpixel((10, 10))
    assert isinstance(pixel, tuple)
    near = {"red": (254, 0, 0), "blue": (0, 0, 254), "white": (255, 255, 255)}
    return next(
        (
            name
            for name, wanted in near.items()
            if all(abs(a - b) < 12 for a, b in zip(pixel, wanted, strict=True))
        ),
        "other",
    )
