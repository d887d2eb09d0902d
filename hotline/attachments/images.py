"""Makes a safe picture out of whatever somebody has sent. Pure: bytes in, bytes out.

Nothing of the original file is kept: the picture is decoded and written anew, so that place, time, camera, owner and
anything that hides behind the picture are gone, and what is stored is a JPEG that this program wrote.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from hotline.attachments import texts
from hotline.attachments.errors import AttachmentError

#: What is decoded at all; what a file is called or claims to be does not count.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
LONG_SIDE = 2048
THUMBNAIL_SIDE = 320
#: JPEG is decoded at a half to an eighth of its size where that is enough; the others come whole into memory.
_WHOLE_PIXELS = 25_000_000
#: A progressive JPEG has some ten scans; thousands of them would keep a processor busy for minutes.
_SCANS = 100
_SCAN = b"\xff\xda"
#: The first box of an ISO media file that holds a still picture in HEVC, as telephones write it.
_HEIC = re.compile(rb"^.{4}ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", re.DOTALL)
_QUALITY, _THUMBNAIL_QUALITY = 85, 78


@dataclass(frozen=True)
class Picture:
    """A picture, made anew: JPEG, upright, sRGB, at most 2048 px on its long side, with nothing else in the file."""

    jpeg: bytes
    #: The same, at most 320 px on its long side.
    thumbnail: bytes
    #: In pixels.
    width: int
    height: int


def make_picture(data: bytes, *, max_pixels: int) -> Picture:
    """The picture in ``data``.

    Args:
        max_pixels: how many pixels the original may have; a small file may unfold into a very large picture.

    Raises:
        AttachmentError: there is no picture in it that can be opened.
    """
    if not data:
        raise AttachmentError("empty_photo", texts.EMPTY)
    if _HEIC.match(data):
        raise AttachmentError("photo_heic", texts.HEIC)
    try:
        return _made_anew(data, max_pixels)
    except AttachmentError:
        raise
    except Exception as error:
        # Whatever a decoder stumbles over is the file's fault: OSError, ValueError, struct.error, zlib.error …
        raise AttachmentError("photo_broken", texts.BROKEN) from error


def _made_anew(data: bytes, max_pixels: int) -> Picture:
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise AttachmentError("not_a_photo", texts.NOT_A_PICTURE) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise AttachmentError("photo_too_large", texts.TOO_MANY_PIXELS) from None
    with image:
        jpeg = image.format in ("JPEG", "MPO")
        if image.width * image.height > (max_pixels if jpeg else min(max_pixels, _WHOLE_PIXELS)):
            raise AttachmentError("photo_too_large", texts.TOO_MANY_PIXELS)
        if jpeg and data.count(_SCAN) > _SCANS:
            raise AttachmentError("photo_broken", texts.BROKEN)
        image.draft("RGB", (LONG_SIDE, LONG_SIDE))
        image.load()
        plain = _in_srgb(_upright(image))
    plain.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS, reducing_gap=3)
    small = plain.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS, reducing_gap=3)
    return Picture(
        jpeg=_jpeg(plain, _QUALITY),
        thumbnail=_jpeg(small, _THUMBNAIL_QUALITY),
        width=plain.width,
        height=plain.height,
    )


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held; hidden data that cannot be read turn nothing."""
    with suppress(Exception):
        return ImageOps.exif_transpose(image)
    return image


def _in_srgb(image: Image.Image) -> Image.Image:
    """Three colours as screens show them, transparency on white."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # sixteen bits of grey
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, "white")
        image.paste(layer, mask=layer.getchannel("A"))
    if profile and image.mode in ("RGB", "CMYK"):
        with suppress(Exception):  # a profile that cannot be read: the colours stay as they are
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            screen = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, screen, outputMode="RGB")
            image = converted or image
    return image.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    # What the decoder has read beside the picture (comments, XMP) would be written again.
    image.info.clear()
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue()
