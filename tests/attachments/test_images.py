"""What becomes of a file that somebody sends."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress

import pytest
from PIL import Image, ImageCms

from hotline.attachments.errors import AttachmentError
from hotline.attachments.images import Picture, make_picture
from tests.attachments.pictures import MAKER, SECRET, corner, jpeg, opened, scene, telling_jpeg, written

MAX = 64_000_000


def made(data: bytes, max_pixels: int = MAX) -> Picture:
    """The picture, which must be to be had."""
    return make_picture(data, max_pixels=max_pixels)


def refused(data: bytes, code: str, max_pixels: int = MAX) -> str:
    """The words of the refusal, which must have ``code``."""
    with pytest.raises(AttachmentError) as caught:
        make_picture(data, max_pixels=max_pixels)
    assert caught.value.code == code
    assert not caught.value.message.isascii()
    return caught.value.message


def test_place_camera_owner_and_comment_are_gone() -> None:
    original = telling_jpeg()
    assert opened(original).getexif().get_ifd(0x8825)
    assert MAKER.encode() in original
    assert original.count(SECRET.encode()) == 2

    picture = made(original)

    for file in (picture.jpeg, picture.thumbnail):
        image = opened(file)
        assert not image.getexif()
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        assert MAKER.encode() not in file
        assert SECRET.encode() not in file
        assert b"Exif" not in file


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    as_held = scene() if turned is None else scene().transpose(turned)

    picture = made(telling_jpeg(orientation, as_held))

    assert (picture.width, picture.height) == (640, 480)
    assert corner(picture.jpeg) == corner(picture.thumbnail) == "red"


@pytest.mark.parametrize(
    ("size", "large", "small"),
    [
        ((4000, 3000), (2048, 1536), (320, 240)),
        ((3000, 4000), (1536, 2048), (240, 320)),
        ((640, 480), (640, 480), (320, 240)),
        ((200, 100), (200, 100), (200, 100)),
        ((9000, 30), (2048, 7), (320, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_a_picture_is_made_as_large_as_is_needed(
    size: tuple[int, int], large: tuple[int, int], small: tuple[int, int]
) -> None:
    picture = made(jpeg(*size))

    assert (picture.width, picture.height) == large == opened(picture.jpeg).size
    assert opened(picture.thumbnail).size == small


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "JPEG"])
def test_what_counts_is_what_is_in_the_file(kind: str) -> None:
    picture = made(written(scene(), kind))

    assert opened(picture.jpeg).format == opened(picture.thumbnail).format == "JPEG"
    assert corner(picture.jpeg) == "red"


def test_of_a_moving_picture_the_first_frame_is_taken() -> None:
    frames = [scene(mark=mark) for mark in ("red", "blue", "blue")]

    assert corner(made(written(frames[0], "GIF", save_all=True, append_images=frames[1:])).jpeg) == "red"
    assert corner(made(written(frames[0], "WEBP", save_all=True, append_images=frames[1:])).jpeg) == "red"


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (60, 60), (255, 0, 0, 0))
    palette = Image.new("P", (60, 60), 0)
    palette.putpalette([0, 0, 254] + [0] * 765)

    assert corner(made(written(clear, "PNG")).jpeg) == "white"
    assert corner(made(written(palette, "GIF", transparency=0)).jpeg) == "white"
    assert corner(made(written(palette, "PNG")).jpeg) == "blue"


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "I;16", "LA", "P"])
def test_every_kind_of_colour_becomes_three(mode: str) -> None:
    if mode == "I;16":
        image = Image.frombytes("I;16", (40, 40), struct.pack("<H", 40_000) * 1600)
    else:
        image = scene(40, 40).convert(mode)
    picture = opened(made(written(image, "JPEG" if mode == "CMYK" else "PNG")).jpeg)

    assert picture.mode == "RGB"
    if mode == "I;16":
        assert abs(int(picture.convert("L").getpixel((20, 20))) - 156) < 3  # type: ignore[arg-type]


def test_colours_of_another_profile_are_turned_into_those_of_screens() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert corner(made(jpeg(icc_profile=profile)).jpeg) == "red"
    assert corner(made(jpeg(icc_profile=b"no profile at all")).jpeg) == "red"
    assert "icc_profile" not in opened(made(jpeg(icc_profile=profile)).jpeg).info


def test_hidden_data_that_cannot_be_read_do_no_harm() -> None:
    assert corner(made(jpeg(exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).jpeg) == "red"


@pytest.mark.parametrize(
    "data",
    [
        b"\xe6\x88\x91\xe8\xa6\x81\xe6\x8a\x95\xe8\xaf\x89",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><img src=x onerror=alert(1)>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\x00" * 4096,
        b"GIF89",
        written(scene(), "BMP"),
        written(scene(), "TIFF"),
        written(scene(), "ICO"),
    ],
)
def test_what_is_no_photograph_is_refused(data: bytes) -> None:
    assert "不是照片" in refused(data, "not_a_photo")


def test_nothing_at_all_is_refused() -> None:
    refused(b"", "empty_photo")


def test_a_program_behind_a_picture_does_not_come_through() -> None:
    script = b"<script>alert(document.cookie)</script>"

    picture = made(jpeg() + script)

    assert script not in picture.jpeg


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1"])
def test_heic_is_refused_with_what_to_do_about_it(brand: bytes) -> None:
    box = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic"

    assert "请在手机上选 JPG" in refused(box + b"\0" * 500, "photo_heic")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_picture_that_was_cut_off_is_refused(kind: str, share: float) -> None:
    whole = written(Image.effect_noise((300, 300), 60).convert("RGB"), kind)

    with pytest.raises(AttachmentError) as caught:
        make_picture(whole[: int(len(whole) * share)], max_pixels=MAX)

    assert caught.value.code in ("photo_broken", "not_a_photo")


def test_a_picture_with_bytes_turned_over_never_breaks_anything_else() -> None:
    whole = bytearray(written(scene(200, 200), "PNG"))
    for place in range(8, len(whole), 7):
        spoilt = whole.copy()
        spoilt[place] ^= 0xFF
        with suppress(AttachmentError):
            make_picture(bytes(spoilt), max_pixels=MAX)


def test_a_small_file_that_unfolds_into_a_huge_picture_is_refused() -> None:
    for size in (9_000, 30_000):
        header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        bomb += _chunk(b"IEND", b"")
        assert "像素" in refused(bomb, "photo_too_large")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_a_jpeg_of_more_pixels_than_allowed_is_refused() -> None:
    assert made(jpeg(1000, 1000), max_pixels=1_000_000).width == 1000
    refused(jpeg(1001, 1000), "photo_too_large", max_pixels=1_000_000)


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    whole = jpeg(progressive=True)
    start = whole.rindex(b"\xff\xda")
    last = whole[start:-2]

    refused(whole[:-2] + last * 200 + whole[-2:], "photo_broken")
