"""Sound and video, packed anew: the first sound and picture tracks and nothing else (T23, T66).

The demuxer is named by us from the first bytes: left to itself FFmpeg also knows play lists, which would have it
open other files and addresses.
"""

import io
from typing import Any

import av
from av.error import FFmpegError
from av.stream import Disposition

from .checking import CleanFile, MediaKind, MediaLimits, MediaRefused

_PACKAGES = {  # format -> muxer, media type of a sound, media type of a video
    "matroska": ("webm", "audio/webm", "video/webm"),
    "ogg": ("ogg", "audio/ogg", ""),
    "mp4": ("mp4", "audio/mp4", "video/mp4"),
    "mp3": ("mp3", "audio/mpeg", ""),
    "wav": ("wav", "audio/wav", ""),
}
_CODECS = frozenset(
    {"opus", "vorbis", "aac", "mp3", "mp3float", "flac", "pcm_s16le", "vp8", "vp9", "av1", "libdav1d", "h264"}
)


def repack(data: bytes, form: str, limits: MediaLimits) -> CleanFile:
    """The recording without titles, places, devices, subtitles, attachments and whatever followed its end.

    Raises:
        MediaRefused: broken, unknown (tracks we do not take), too_long_recording.
    """
    muxer, sound, video = _PACKAGES[form]
    written = io.BytesIO()
    try:
        with av.open(io.BytesIO(data), format=form, metadata_errors="ignore") as source:
            # The picture on a sound's sleeve calls itself a track, too.
            moving = [track for track in source.streams.video if not track.disposition & Disposition.attached_pic]
            tracks = [*moving[:1], *source.streams.audio[:1]]
            kind = MediaKind.VIDEO if moving else MediaKind.SOUND
            media_type = video if kind is MediaKind.VIDEO else sound
            if not tracks or not media_type or any(track.codec_context.name not in _CODECS for track in tracks):
                raise MediaRefused("unknown")
            shown = moving[0] if moving else None
            with av.open(written, "w", format=muxer, options={"fflags": "+bitexact"}) as target:
                size = (shown.width, shown.height) if shown else (0, 0)
                seconds = _copy(source, target, tracks, limits)
    except (FFmpegError, ValueError, EOFError) as broken:
        raise MediaRefused("broken") from broken
    if not seconds:
        raise MediaRefused("broken")
    return CleanFile(kind, media_type, written.getvalue(), *size, round(seconds, 1))


def _copy(source: Any, target: Any, tracks: list[Any], limits: MediaLimits) -> float:
    """Every packet of the tracks, as it is. Its length in seconds."""
    copies = {}
    for track in tracks:
        copies[track.index] = target.add_stream_from_template(track)
        copies[track.index].metadata.clear()
    seconds = 0.0
    for packet in source.demux(tracks):
        if packet.dts is None:  # the demuxer's farewell
            continue
        if packet.time_base and packet.pts is not None:
            seconds = max(seconds, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        if seconds > limits.seconds:
            raise MediaRefused("too_long_recording")
        packet.stream = copies[packet.stream.index]
        target.mux(packet)
    return seconds
