"""Every upload is made anew, or refused with a code the page has a sentence for (T23, T66)."""

import io

import av
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lti_tool.plans.media.checking import MediaKind, MediaLimits, MediaRefused, clean, family

from . import makes

SAMPLES = {
    "jpeg": makes.picture(),
    "png": makes.picture("PNG"),
    "gif": makes.picture("GIF", mode="P"),
    "webp": makes.picture("WEBP"),
    "heif": makes.picture("HEIF"),
    "matroska": makes.recording(),
    "ogg": makes.recording("ogg"),
    "mp3": makes.recording("mp3", "mp3"),
    "wav": makes.recording("wav", "pcm_s16le"),
    "mp4": makes.recording("mp4", "aac"),
    "pdf": makes.paper(),
}
LEAKS = (makes.PLACE.encode(), b"38.1368", b"Exif\0\0", b"app.alert", b"virus.exe", b"MZ evil", b"<script")


def refusal(data: bytes, limits: MediaLimits | None = None) -> str:
    with pytest.raises(MediaRefused) as refused:
        clean(data, limits)
    return refused.value.code


@pytest.mark.trust("T23", "T66")
@pytest.mark.parametrize("form", SAMPLES)
def test_what_is_kept_can_be_read_again_and_says_no_place(form: str) -> None:
    assert family(SAMPLES[form]) == form
    kept = clean(SAMPLES[form])
    assert kept.kind is not MediaKind.PAPER or form == "pdf"
    assert not [leak for leak in LEAKS if leak in kept.data]
    again = clean(kept.data)
    assert (again.kind, again.media_type, again.width, again.height) == (
        kept.kind, kept.media_type, kept.width, kept.height,
    )  # fmt: skip


@pytest.mark.trust("T23")
@pytest.mark.parametrize(("form", "codec"), [("mp4", "libx264"), ("webm", "libvpx")])
def test_a_video_loses_its_place_and_keeps_its_pictures(form: str, codec: str) -> None:
    made = makes.video(form, codec)
    assert makes.PLACE.encode() in made
    kept = clean(made)
    assert (kept.kind, kept.width, kept.height) == (MediaKind.VIDEO, 64, 48)
    assert not [leak for leak in LEAKS if leak in kept.data]
    with av.open(io.BytesIO(kept.data)) as video:
        assert dict(video.metadata).keys() <= {"major_brand", "minor_version", "compatible_brands", "encoder"}
        assert len(list(video.decode(video=0))) == 10


@pytest.mark.trust("T23")
def test_a_picture_keeps_standing_upright_and_has_no_exif() -> None:
    kept = clean(makes.picture(size=(60, 20), turned=True))
    with Image.open(io.BytesIO(kept.data)) as shown:
        assert shown.size == (20, 60)
        assert not shown.getexif()


def test_a_large_picture_is_made_smaller_and_a_see_through_one_stays_so() -> None:
    kept = clean(makes.picture("PNG", (3000, 30), "RGBA"))
    assert (kept.width, kept.media_type) == (2560, "image/png")


@pytest.mark.trust("T66")
@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("nothing", b"", "empty"),
        ("an SVG with a script", b'<svg xmlns="http://www.w3.org/2000/svg"><script>a()</script></svg>', "unknown"),
        ("a page", b"<!doctype html><script>alert(1)</script>", "unknown"),
        ("a program", b"MZ\x90\x00" + b"\0" * 64, "unknown"),
        ("a zip, also of macros", b"PK\x03\x04" + b"\0" * 64, "unknown"),
        ("a play list that names another file", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "unknown"),
        ("a picture cut short", SAMPLES["jpeg"][:200], "broken"),
        ("a recording cut short", SAMPLES["matroska"][:60], "broken"),
        ("a play list under a sound's first bytes", b"OggS" + b"#EXTM3U\nhttp://127.0.0.1/\n" * 9, "broken"),
        ("a paper of rubbish", b"%PDF-1.7\nrubbish", "broken"),
        ("a locked paper", makes.paper(password="secret"), "locked"),
        ("a picture that says it is a paper", b"%PDF-" + SAMPLES["jpeg"], "broken"),
    ],
)  # fmt: skip
def test_what_we_do_not_take_is_refused(name: str, data: bytes, code: str) -> None:
    assert refusal(data) == code


@pytest.mark.trust("T66")
def test_too_much_is_refused_before_it_is_unpacked() -> None:
    flood = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(flood, "PNG")  # 50 MB of pixels in a few kB
    assert len(flood.getvalue()) < 100_000
    assert refusal(flood.getvalue()) == "too_many_pixels"
    assert refusal(SAMPLES["png"], MediaLimits(bytes=10)) == "too_large"
    assert refusal(makes.recording(seconds=3), MediaLimits(seconds=2)) == "too_long_recording"
    assert refusal(makes.paper(pages=4), MediaLimits(pages=3)) == "too_many_pages"


@pytest.mark.trust("T66")
def test_a_second_format_behind_the_first_is_gone() -> None:
    for form in ("jpeg", "png", "matroska", "ogg", "pdf"):
        kept = clean(SAMPLES[form] + b"<script>alert(1)</script>PK\x03\x04 evil")
        assert b"evil" not in kept.data, form


@pytest.mark.trust("T66")
def test_a_paper_that_acts_comes_back_as_pages_to_read() -> None:
    kept = clean(makes.paper(pages=2, acting=True))
    with pikepdf.open(io.BytesIO(kept.data)) as paper:
        assert len(paper.pages) == 2
        assert "/OpenAction" not in paper.Root
        assert not list(paper.attachments)
        assert "/Info" not in paper.trailer or "/Author" not in paper.trailer.Info
        text = b"".join(item.unparse() for item in paper.objects if isinstance(item, pikepdf.Dictionary))
        assert not [word for word in (b"/JavaScript", b"/Launch", b"calc.exe", b"/EmbeddedFile") if word in text]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_damaged_bytes_end_in_a_clean_file_or_a_refusal(form: str, data: st.DataObject) -> None:
    sample = bytearray(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 20))):
        sample[data.draw(st.integers(0, len(sample) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = clean(bytes(sample))
    except MediaRefused:
        return
    assert kept.data
