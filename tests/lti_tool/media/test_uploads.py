"""Every upload is made anew, or refused with a code the page has a sentence for (T23, T66)."""

import io

import av
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lti_tool.plans.media.checking import MediaKind, MediaLimits, MediaRefused, clean, family

from . import makes

SAMPLES = {
    "jpeg": makes.picture(),
    "png": makes.picture("PNG"),
    "gif": makes.picture("GIF", mode="P"),
    "webp": makes.picture("WEBP"),
    "heif": makes.picture("HEIF"),
    "avif": makes.picture("AVIF"),
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


@pytest.mark.parametrize(
    ("form", "mode", "colour", "shown"),
    [
        ("JPEG", "CMYK", (0, 255, 255, 0), (254, 0, 0)),  # as a print shop has it
        ("PNG", "I;16", 0x8000, (127, 127, 127)),  # a scan in fine greys
        ("PNG", "1", 1, (255, 255, 255)),
        ("PNG", "LA", (99, 128), (99, 99, 99, 128)),
    ],
)
def test_a_picture_keeps_its_colours_whatever_they_are_written_in(
    form: str, mode: str, colour: object, shown: tuple[int, ...]
) -> None:
    written = io.BytesIO()
    Image.new(mode, (16, 16), colour).save(written, form)  # type: ignore[arg-type]
    with Image.open(io.BytesIO(clean(written.getvalue()).data)) as kept:
        assert kept.getpixel((8, 8)) == shown


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "MPO"])
def test_of_a_picture_that_moves_or_holds_several_the_first_is_kept(form: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, form, save_all=True, append_images=frames[1:])
    with Image.open(io.BytesIO(clean(written.getvalue()).data)) as kept:
        assert getattr(kept, "n_frames", 1) == 1
        red, _, blue = kept.getpixel((8, 8))  # type: ignore[misc]
        assert red > 250 > 5 >= blue


@pytest.mark.trust("T66")
def test_a_picture_of_one_line_and_one_that_lies_about_its_size_do_no_harm() -> None:
    line = io.BytesIO()
    Image.new("1", (60_000, 1)).save(line, "PNG")
    assert clean(line.getvalue()).width == 2560
    lying = bytearray(SAMPLES["gif"])
    frame = lying.index(b",") + 5  # what it says of its screen stays small
    lying[frame : frame + 4] = b"\x60\xea\x60\xea"
    assert refusal(bytes(lying)) == "too_many_pixels"


def test_a_video_held_upright_stays_upright_and_a_song_with_a_cover_is_a_sound() -> None:
    turned = clean(makes.turned(makes.video()))
    assert makes.UPRIGHT in turned.data
    for form, codec in (("mp3", "mp3"), ("mp4", "aac")):
        kept = clean(makes.recording(form, codec, cover=True))
        assert (kept.kind, kept.width) == (MediaKind.SOUND, 0)
        with av.open(io.BytesIO(kept.data)) as sound:
            assert not sound.streams.video


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
    bomb = makes.paper(packed=b"0" * 5_000_000)
    assert len(bomb) < 50_000
    assert refusal(bomb, MediaLimits(unpacked=4_000_000)) == "too_large"
    assert clean(bomb).kind is MediaKind.PAPER


@pytest.mark.trust("T66")
def test_words_packed_beside_the_pixels_of_a_picture_are_not_unpacked_and_not_kept() -> None:
    beside = PngInfo()
    beside.add_text("Comment", "evil " * 200_000, zip=True)
    packed = io.BytesIO()
    Image.new("RGB", (8, 8)).save(packed, "PNG", pnginfo=beside)
    assert len(packed.getvalue()) < 20_000
    assert len(clean(packed.getvalue()).data) < 2_000


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
