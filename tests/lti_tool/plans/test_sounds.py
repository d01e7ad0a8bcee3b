"""T27: a recording goes some days after its words were written down, unless its child keeps it."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from lti_tool.plans import api
from lti_tool.plans.data import Audience, FileView, LogChange, NewFile
from lti_tool.plans.exceptions import NotFound
from lti_tool.plans.models import AuditEvent, StoredFile
from lti_tool.tasks.tasks import keep_to_retention
from tests.factories.plans import Cast, make_cast
from tests.lti_tool.media import makes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.trust("T27")]
ROOT = Path(__file__).parents[3]
VOICE = makes.recording()


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def says(cast: Cast, words: str = "", **change: Any) -> UUID:
    entry = api.write_log(cast.student, LogChange({"text": "Today"}, **change), [NewFile(VOICE, words)])
    return entry.files[0].id


def shown(cast: Cast) -> list[FileView]:
    blocks = api.log(cast.student, cast.student.person_id).blocks
    return [file for block in blocks for entry in block.entries for file in entry.files]


def after(days: float, monkeypatch: pytest.MonkeyPatch) -> None:
    moment: datetime = timezone.now() + timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: moment)
        keep_to_retention()


def test_a_recording_goes_thirty_days_after_its_words_were_written_and_the_words_stay(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = says(cast, "I built a bridge", audience=Audience.NOT_FOR_HOME)
    key = StoredFile._base_manager.get(id=said).key
    after(29, monkeypatch)
    assert api.file(cast.student, said).data
    after(31, monkeypatch)
    with pytest.raises(NotFound):
        api.file(cast.student, said)
    assert not storages["files"].exists(key)
    (file,) = shown(cast)
    assert (file.words, file.gone) == ("I built a bridge", True)
    assert AuditEvent._base_manager.filter(verb="file.sound_forgotten", subject_id=said).exists()
    assert [name for name in api.export_record(cast.student, cast.student.person_id).files if key in name] == []


def test_without_words_it_stays_until_somebody_wrote_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said = says(cast)
    after(400, monkeypatch)
    assert api.file(cast.student, said).data
    assert shown(cast)[0].goes_at is None
    api.describe_file(cast.student, said, "I built a bridge")
    left = shown(cast)[0].goes_at
    assert left is not None
    assert timedelta(days=29) < left - timezone.now() < timedelta(days=30)
    after(31, monkeypatch)
    assert shown(cast)[0].gone


def test_a_child_keeps_its_recording_and_may_let_it_go_after_all(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    said = says(cast, "I built a bridge")
    api.keep_sound(cast.student, said, keep=True)
    after(400, monkeypatch)
    assert api.file(cast.student, said).data
    api.keep_sound(cast.student, said, keep=False)
    after(401, monkeypatch)
    assert shown(cast)[0].gone
    with pytest.raises(NotFound):
        api.keep_sound(cast.student, said, keep=True)


def test_only_the_child_keeps_it(cast: Cast) -> None:
    said = says(cast, "I built a bridge", audience=Audience.SHARED)
    for name, who in cast.everybody().items():
        if name != "student":
            with pytest.raises(NotFound):
                api.keep_sound(who, said, keep=True)


def test_pictures_stay_whatever_is_said_of_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = api.write_log(cast.student, LogChange({"text": "Look"}), [NewFile(makes.picture(), "A bridge")])
    after(400, monkeypatch)
    assert api.file(cast.student, entry.files[0].id).data


# Whatever knows people by voice or face, or sends recordings to somebody who does.
KNOWS_PEOPLE = re.compile(
    r"face|facial|dlib|mtcnn|arcface|insight|opencv|mediapipe|speaker|speech|voice|vosk|whisper|pyannote|resemblyzer"
    r"|kaldi|nemo|torch|tensorflow|onnx|keras|rekognition|boto|azure|deepgram|assemblyai|biometric",
    re.IGNORECASE,
)


def test_nothing_we_depend_on_knows_anybody_by_voice_or_face() -> None:
    locked = (ROOT / ".ci/requirements.txt").read_text() + (ROOT / "setup.py").read_text()
    names = re.findall(r"(?m)^([A-Za-z0-9._-]+)==", locked) + re.findall(r'"([A-Za-z0-9._-]+)(?:\[|[<>=~!])', locked)
    assert {"django", "pillow"} <= {name.lower() for name in names}
    assert [name for name in names if KNOWS_PEOPLE.search(name)] == []


def test_no_page_asks_the_browser_to_know_anybody_by_voice_or_face() -> None:
    known = re.compile(r"FaceDetector|SpeechRecognition|getByteFrequencyData|AnalyserNode|PublicKeyCredential")
    scripts = list((ROOT / "static/ilp").glob("*.js"))
    assert scripts
    assert [script.name for script in scripts if known.search(script.read_text())] == []
