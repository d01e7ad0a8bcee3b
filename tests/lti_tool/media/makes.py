"""Uploads made for tests: pictures with places in them, recordings, papers that act."""

import array
import io
import math
import struct
import zlib
from fractions import Fraction
from typing import Any

import av
import pikepdf
from av.stream import Disposition
from PIL import Image
from pillow_heif import register_heif_opener

register_heif_opener()

PLACE = "Rotorua-38.1368+176.2497"  # what must be in no file we keep


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", turned: bool = False) -> bytes:
    made = Image.new(mode, size, "teal")
    exif = Image.Exif()
    exif[0x010E] = PLACE  # ImageDescription
    exif[0x0112] = 6 if turned else 1  # Orientation
    exif.get_ifd(0x8825)[2] = (38.0, 8.0, 12.5)  # GPSLatitude
    written = io.BytesIO()
    extra: dict[str, Any] = {"exif": exif} if form in ("JPEG", "PNG", "WEBP", "HEIF") else {}
    if form == "JPEG":
        extra["comment"] = PLACE.encode()
    made.save(written, form, **extra)
    return written.getvalue()


def recording(form: str = "webm", codec: str = "libopus", seconds: float = 1.0, *, cover: bool = False) -> bytes:
    """A tone, with the place among its titles; a song has a cover too."""
    written = io.BytesIO()
    with av.open(written, "w", format=form) as package:
        package.metadata["title"] = PLACE
        package.metadata["location"] = "-38.1368+176.2497/"
        track: Any = package.add_stream(codec, rate=48_000)
        track.layout = "mono"
        track.format = "s16" if codec in ("libopus", "pcm_s16le") else "fltp"
        if cover:
            sleeve: Any = package.add_stream("mjpeg")
            sleeve.width, sleeve.height, sleeve.pix_fmt = 64, 48, "yuvj420p"
            sleeve.disposition = Disposition.attached_pic
            image = av.VideoFrame.from_image(Image.new("RGB", (64, 48), "teal"))
            package.mux([*sleeve.encode(image), *sleeve.encode(None)])
        for step in range(int(seconds * 50)):
            tone = [math.sin((step * 960 + at) * 0.05) * 0.2 for at in range(960)]
            whole = track.format.name == "s16"
            samples = array.array("h", [int(value * 32767) for value in tone]) if whole else array.array("f", tone)
            frame = av.AudioFrame(format=track.format.name, layout="mono", samples=960)
            frame.planes[0].update(samples.tobytes())
            frame.sample_rate, frame.pts, frame.time_base = 48_000, step * 960, Fraction(1, 48_000)
            package.mux(track.encode(frame))
        package.mux(track.encode(None))
    return written.getvalue()


# How an MP4 says that its pictures lie on their side: a quarter turn, as phones write it when held upright.
UPRIGHT = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)


def turned(mp4: bytes) -> bytes:
    straight = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    place = mp4.index(straight, mp4.index(b"tkhd"))
    return mp4[:place] + UPRIGHT + mp4[place + len(UPRIGHT) :]


def video(form: str = "mp4", codec: str = "libx264") -> bytes:
    written = io.BytesIO()
    with av.open(written, "w", format=form) as package:
        package.metadata["title"] = PLACE
        package.metadata["location"] = "-38.1368+176.2497/"
        track: Any = package.add_stream(codec, rate=10)
        track.width, track.height, track.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            image = av.VideoFrame.from_image(Image.new("RGB", (64, 48), "teal"))
            package.mux(track.encode(image))
        package.mux(track.encode(None))
    return written.getvalue()


def paper(pages: int = 1, password: str = "", acting: bool = False, packed: bytes = b"") -> bytes:
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(200, 200))
    made.docinfo["/Author"] = PLACE
    if packed:
        made.pages[0].Contents = made.make_stream(zlib.compress(packed), Filter=pikepdf.Name.FlateDecode)
    if acting:
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('hello')")
        made.Root.OpenAction = made.make_indirect(script)
        made.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", script])))
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9],
            A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"),
        )  # fmt: skip
        made.pages[0].Annots = pikepdf.Array([link])
        made.attachments["virus.exe"] = b"MZ evil bytes"
    written = io.BytesIO()
    made.save(written, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return written.getvalue()
