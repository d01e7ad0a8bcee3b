"""Pictures, drawn anew: only what can be seen is kept (T23: no place, no device, no thumbnail; T66)."""

import io
import struct
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from .checking import CleanFile, MediaKind, MediaLimits, MediaRefused

register_heif_opener()
# What readers of pictures raise on damaged bytes, beside Pillow's own error.
_DAMAGED = (
    UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, RuntimeError, TypeError, KeyError, IndexError,
    OverflowError, MemoryError, ZeroDivisionError, struct.error,
)  # fmt: skip
_OPENERS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "heif": "HEIF", "avif": "AVIF"}


def redraw(data: bytes, form: str, limits: MediaLimits) -> CleanFile:
    """The picture upright, no longer than `limits.side`, as JPEG, or as PNG where something shows through.

    Raises:
        MediaRefused: broken, too_many_pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of sizes, where our own limit counts, and of odd words beside the pixels
            with Image.open(io.BytesIO(data), formats=[_OPENERS[form]]) as opened:
                if opened.width * opened.height > limits.pixels:
                    raise MediaRefused("too_many_pixels")
                opened.draft(None, (limits.side, limits.side))  # a JPEG need not be unpacked larger than it is kept
                upright = ImageOps.exif_transpose(opened)
                through = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
                if upright.mode.startswith("I;16"):  # a scan in finer greys than are kept, else all of it white
                    upright = upright.point(lambda grey: grey / 257).convert("L")
                picture = upright.convert("RGBA" if through else "RGB")
    except Image.DecompressionBombError as bomb:
        raise MediaRefused("too_many_pixels") from bomb
    except _DAMAGED as broken:
        raise MediaRefused("broken") from broken
    picture.thumbnail((limits.side, limits.side))
    # A new picture takes the pixels alone: whatever rode along in `info` stays behind.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    written = io.BytesIO()
    if through:
        bare.save(written, "PNG", optimize=True)
    else:
        bare.save(written, "JPEG", quality=85, optimize=True)
    media_type = "image/png" if through else "image/jpeg"
    return CleanFile(MediaKind.PICTURE, media_type, written.getvalue(), bare.width, bare.height)
