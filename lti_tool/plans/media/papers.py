"""Papers (PDF), written anew: pages to read, nothing that acts (T66)."""

import io
import zlib

import pikepdf

from .checking import CleanFile, MediaKind, MediaLimits, MediaRefused

# What makes a paper do something, carry something or say who made it; taken out wherever it stands.
_ACTING = (
    "/OpenAction", "/AA", "/JS", "/JavaScript", "/EmbeddedFiles", "/EmbeddedFile", "/EF", "/AF", "/XFA", "/RichMedia",
    "/RichMediaContent", "/Collection", "/Metadata", "/PieceInfo", "/Launch",
)  # fmt: skip
_ACTIONS = (
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToR",
    "/GoToE",
    "/Rendition",
    "/Movie",
    "/Sound",
)


_AT_ONCE = 1 << 20  # bytes unpacked at a time


def rewrite(data: bytes, limits: MediaLimits) -> CleanFile:
    """The paper's pages, without actions, scripts, attachments and the maker's data.

    Raises:
        MediaRefused: broken, locked (it asks for a password), too_many_pages, too_large (once unpacked).
    """
    written = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(data)) as paper:
            if len(paper.pages) > limits.pages:
                raise MediaRefused("too_many_pages")
            if not len(paper.pages):
                raise MediaRefused("broken")
            if "/Info" in paper.trailer:
                del paper.trailer["/Info"]
            _weigh(paper, limits.unpacked)
            for item in paper.objects:
                if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
                    _disarm(item)
            paper.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    except pikepdf.PasswordError as locked:
        raise MediaRefused("locked") from locked
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, RuntimeError, RecursionError) as broken:
        raise MediaRefused("broken") from broken
    return CleanFile(MediaKind.PAPER, "application/pdf", written.getvalue())


def _weigh(paper: pikepdf.Pdf, most: int) -> None:
    """Refuse a paper whose streams would unpack to more than `most` bytes, before anything unpacks them whole."""
    for item in paper.objects:
        if not isinstance(item, pikepdf.Stream):
            continue
        packing = item.get("/Filter")
        first = packing[0] if isinstance(packing, pikepdf.Array) and len(packing) else packing
        if first != "/FlateDecode":
            continue
        unpacking, rest = zlib.decompressobj(), item.read_raw_bytes()
        while rest and not unpacking.eof:
            try:
                most -= len(unpacking.decompress(rest, _AT_ONCE))
            except zlib.error:
                break  # damaged: no reader gets further either
            rest = unpacking.unconsumed_tail
            if most < 0:
                raise MediaRefused("too_large")


def _disarm(item: pikepdf.Object, depth: int = 0) -> None:
    """Take the acting keys out of a dictionary and of those written inside it."""
    if depth > 50:
        raise MediaRefused("broken")
    for key in _ACTING:
        if key in item:
            del item[key]
    if item.get("/S") in _ACTIONS:
        for key in [key for key in list(item.keys()) if key != "/Type"]:
            del item[key]
        return
    for key in list(item.keys()):
        value = item[key]
        if isinstance(value, pikepdf.Dictionary) and not value.is_indirect:
            _disarm(value, depth + 1)
        elif isinstance(value, pikepdf.Array):
            for member in value:
                if isinstance(member, pikepdf.Dictionary) and not member.is_indirect:
                    _disarm(member, depth + 1)
