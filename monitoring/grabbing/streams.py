"""Pictures from RTSP streams, key frames only: from a conversation of our own where the camera
speaks plainly, else by FFmpeg's libraries through PyAV.

FFmpeg's options and their reasons were measured; see docs/architecture.md.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext

from monitoring.grabbing.decoding import take
from monitoring.grabbing.network import Deadline
from monitoring.grabbing.pictures import REFUSALS, Grab, GrabError, Picture, Source
from monitoring.grabbing.redirects import Begun, reach
from monitoring.grabbing.rtp import Unusual, key_frames
from monitoring.grabbing.sdp import Video, addressed, read_video
from monitoring.grabbing.severing import Watched, watched
from monitoring.limits import READ_SECONDS
from monitoring.verdicts import Reason

_OPTIONS = {
    "rtsp_transport": "tcp",  # UDP loses packets, and a lost packet looks like a broken camera
    "allowed_media_types": "video",
    "analyzeduration": "1000000",  # µs; the parameters of a live stream come at once or never
    "fpsprobesize": "0",
}
# Opening decodes nothing then; a key frame that comes meanwhile is kept for the reading.
# Not `fflags=nobuffer`: it would throw that key frame away.
_STREAM_OPTIONS = [{"skip_frame": "all"}]


def grab_stream(source: Source, deadline: Deadline, burst_s: float, most: int) -> Grab:
    """One key frame, or up to `most` over `burst_s` seconds. Raises GrabError."""
    timings: dict[str, float] = {}
    url, peer, begun = reach(source, deadline, timings)
    if begun is not None:
        try:
            pictures, codec = _take_plainly(begun, deadline, burst_s, most, timings)
            return Grab(pictures, source.address, codec, timings)
        except Unusual:
            pass
    while True:
        with watched(peer, deadline.ends) as stream:
            try:
                pictures, codec = _open_and_take(url, deadline, burst_s, most, timings, stream)
                return Grab(pictures, source.address, codec, timings)
            except GrabError:
                # Another channel of the same host was late, and ours was cut with it.
                if deadline.is_over() or not stream.cut_for_another:
                    raise


def _take_plainly(
    begun: Begun, deadline: Deadline, burst_s: float, most: int, timings: dict[str, float]
) -> tuple[list[Picture], str]:
    """(pictures, codec) by a conversation that has begun, and ends here.

    Raises GrabError, and Unusual for what FFmpeg may understand.
    """
    opened_s = deadline.elapsed_s()
    with closing(begun.conversation) as conversation:
        try:
            video, channels = _played(begun, deadline)
        except OSError as error:
            raise Unusual(str(error)) from None
        timings["open"] = deadline.ms_since(opened_s)
        frames = key_frames(conversation.packets(channels), video.payload_type, video.codec)
        packets = (None if frame is None else Packet(frame) for frame in frames)
        pictures = take(packets, _decoder(video), deadline, burst_s, most, final=False)
        timings["picture"] = round((pictures[0].at_s - opened_s) * 1000, 1)
        return pictures, video.codec


def _played(begun: Begun, deadline: Deadline) -> tuple[Video, range]:
    """(the video, the channels of its packets), which follow. Raises GrabError, OSError and
    Unusual.

    Each answer may take half of what is left: the rest is FFmpeg's.
    """
    conversation, address, answer = begun
    if answer.status in REFUSALS:
        # Asked once more, by FFmpeg, many a camera would lock the account. In our words: a camera's
        # own might be what we gave it.
        phrase = HTTPStatus(answer.status).phrase
        raise GrabError(REFUSALS[answer.status], f"RTSP {answer.status} {phrase}")
    video = read_video(answer.body)
    if answer.status != 200 or video is None:
        raise Unusual("no description that can be read here")
    named = answer.header("content-base") or answer.header("content-location")
    base = video.base or named or address
    try:
        with conversation.within(deadline.left_s() / 2):
            channels = conversation.set_up(addressed(base, video.control), base)
        with conversation.within(deadline.left_s() / 2):
            conversation.play()
    except GrabError:
        raise Unusual("described, and not played in time") from None
    return video, channels


def _decoder(video: Video) -> VideoCodecContext:
    context = av.CodecContext.create(video.codec, "r")
    assert isinstance(context, VideoCodecContext)
    if video.parameters:
        context.extradata = video.parameters
    return context


def _open_and_take(
    url: str,
    deadline: Deadline,
    burst_s: float,
    most: int,
    timings: dict[str, float],
    stream: Watched,
) -> tuple[list[Picture], str]:
    opened_s = deadline.elapsed_s()
    with _open(url, deadline) as container:
        timings["open"] = deadline.ms_since(opened_s)

        def came() -> None:
            stream.allow(READ_SECONDS)

        came()
        pictures, codec = take_pictures(container, deadline, burst_s, most, came)
        timings["picture"] = round((pictures[0].at_s - opened_s) * 1000, 1)
        return pictures, codec


def take_pictures(
    container: InputContainer,
    deadline: Deadline,
    burst_s: float,
    most: int,
    came: Callable[[], None] = lambda: None,
) -> tuple[list[Picture], str]:
    """(pictures, codec) from an open container: one, or up to `most` over `burst_s` seconds.

    `came` is called for each packet. Raises GrabError when not one picture came.
    """
    if not container.streams.video:
        raise GrabError(Reason.NO_VIDEO, "the stream carries no video")
    context = container.streams.video[0].codec_context
    if context is None:
        raise GrabError(Reason.UNDECODABLE, "the video is coded in a way that FFmpeg lacks")

    def packets() -> Iterator[Packet | None]:
        for packet in container.demux(video=0):
            came()
            if packet.size:
                yield packet if packet.is_keyframe and not packet.is_corrupt else None

    return take(packets(), context, deadline, burst_s, most), context.name


def _open(url: str, deadline: Deadline) -> InputContainer:
    try:
        container = av.open(
            url,
            # FFmpeg's own time-out (µs, for each wait) for as long as there is no connection that
            # could be cut. Not PyAV's: see severing.
            options=_OPTIONS | {"timeout": str(round(deadline.left_s() * 1e6))},
            # PyAV takes one mapping a stream; its stub says otherwise.
            stream_options=[dict(options) for options in _STREAM_OPTIONS],  # type: ignore[misc]
            metadata_errors="replace",
        )
    except av.error.FFmpegError as error:
        raise _opening_failed(error, deadline) from None
    except (ValueError, OverflowError):
        # PyAV's words when there is no stream that its stream options could go to.
        raise GrabError(Reason.NO_VIDEO, "the stream's description names no video") from None
    return container


def _opening_failed(error: av.error.FFmpegError, deadline: Deadline) -> GrabError:
    """FFmpeg's error in our words. A silent host shows as several errors: time tells more."""
    said = error.strerror or type(error).__name__
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return GrabError(Reason.UNAUTHORISED, said)
    if isinstance(error, av.error.HTTPNotFoundError):
        return GrabError(Reason.NOT_FOUND, said)
    if deadline.is_over() or isinstance(error, av.error.TimeoutError | av.error.ExitError):
        return GrabError(Reason.TIMED_OUT, f"connected, and no stream opened ({said})")
    if isinstance(error, av.error.ConnectionRefusedError):
        return GrabError(Reason.REFUSED, said)
    if isinstance(error, av.error.InvalidDataError):
        return GrabError(Reason.UNDECODABLE, f"no RTSP answer that can be understood ({said})")
    return GrabError(Reason.NO_VIDEO, f"the stream cannot be opened ({said})")
