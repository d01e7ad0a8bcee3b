"""One door for every upload: bytes in, a clean file out, or a refusal that says what to do.

What a file is, its first bytes say; its name and the type a browser claims are never looked at. Nothing is
kept as it came: pictures are drawn anew, recordings are packed anew, papers are written anew, so whatever
else was hidden in the bytes (a second format, a place, a program) is not in what we keep.
"""

from dataclasses import dataclass
from enum import StrEnum


class MediaKind(StrEnum):
    PICTURE = "picture"
    SOUND = "sound"
    VIDEO = "video"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What is too much. Bytes of the upload, pixels of a picture, seconds of a recording, pages of a paper, and bytes
    of what is packed in it."""

    bytes: int = 30_000_000
    pixels: int = 50_000_000
    side: int = 2560  # longer pictures are made smaller, not refused
    seconds: int = 600
    pages: int = 100
    unpacked: int = 500_000_000  # bytes of a paper's streams


@dataclass(frozen=True, slots=True)
class CleanFile:
    """What may be kept: its kind, the media type it is served with, and the bytes we wrote ourselves."""

    kind: MediaKind
    media_type: str
    data: bytes
    width: int = 0
    height: int = 0
    seconds: float = 0


class MediaRefused(Exception):
    """`code`: empty, too_large, unknown, broken, too_many_pixels, too_long_recording, too_many_pages, locked."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_FTYP_PICTURES = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def family(data: bytes) -> str:
    """The format its first bytes name: "jpeg", "webm", "pdf", ...; "" for whatever we do not take."""
    head = data[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "avif"
    if head[4:8] == b"ftyp":
        return "heif" if head[8:12] in _FTYP_PICTURES else "mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "matroska"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"ID3") or head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "mp3"
    if head.startswith(b"%PDF-"):
        return "pdf"
    return ""


def clean(data: bytes, limits: MediaLimits | None = None) -> CleanFile:
    """The upload as a file of our own making.

    Raises:
        MediaRefused: with a code that `web` has a sentence for.
    """
    from . import papers, pictures, recordings  # here, so that the libraries load with the first upload

    limits = limits or MediaLimits()
    if not data:
        raise MediaRefused("empty")
    if len(data) > limits.bytes:
        raise MediaRefused("too_large")
    match family(data):
        case "":
            raise MediaRefused("unknown")
        case "jpeg" | "png" | "gif" | "webp" | "heif" | "avif" as form:
            return pictures.redraw(data, form, limits)
        case "pdf":
            return papers.rewrite(data, limits)
        case form:
            return recordings.repack(data, form, limits)
