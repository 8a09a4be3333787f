"""Key frames out of packets, however a camera packs them."""

import random
import struct
from collections.abc import Iterable, Iterator

import av
import pytest
from av.video.codeccontext import VideoCodecContext

from monitoring.grabbing.rtp import MOST_BYTES, Unusual, _payload, key_frames
from monitoring.grabbing.sdp import START_CODE
from tests.farm.rtp import payloads_of
from tests.monitoring.grabbing.coded import Coded, coded, packet, packets_of

FFMPEG = {"h264": "h264", "h265": "hevc"}
CODECS = pytest.mark.parametrize("codec", ["h264", "h265"])


def found(packets: Iterable[bytes], codec: str = "h264") -> list[bytes | None]:
    return list(key_frames(packets, 96, FFMPEG[codec]))


def annex_b(units: Iterable[bytes]) -> bytes:
    return b"".join(START_CODE + unit for unit in units)


def fragments(made: Coded, picture: int = 0) -> list[bytes]:
    """A picture's payloads, of which at least one is a fragment."""
    cut = payloads_of(list(made.pictures[picture]), made.codec)
    assert len(cut) > len(made.pictures[picture])
    return cut


def together(units: Iterable[bytes], codec: str) -> bytes:
    """Units in one packet (STAP-A, AP)."""
    head = b"\x78" if codec == "h264" else bytes([48 << 1, 1])
    return head + b"".join(struct.pack("!H", len(unit)) + unit for unit in units)


def end(made: Coded) -> list[bytes]:
    """The beginning of another picture, by which the one before it is known to be over."""
    return [packet(made.other[0], 999_999)]


@CODECS
@pytest.mark.parametrize("slices", [1, 3])
def test_fragments_become_the_units_that_they_were(codec: str, slices: int) -> None:
    made = coded(codec, slices)
    payloads = fragments(made)
    assert found(packets_of([payloads]) + end(made), codec) == [annex_b(made.key), None]


@CODECS
def test_units_that_share_a_packet_are_taken_apart(codec: str) -> None:
    made = coded(codec)
    sets = together(made.parameter_sets, codec)
    packets = packets_of([[sets, *fragments(made)]])
    whole = annex_b([*made.parameter_sets, *made.key])
    assert found(packets + end(made), codec) == [whole, None]


@CODECS
def test_parameter_sets_with_a_time_stamp_of_their_own_belong_to_the_next_picture(
    codec: str,
) -> None:
    made = coded(codec)
    packets = packets_of([made.parameter_sets, fragments(made), made.other])
    whole = annex_b([*made.parameter_sets, *made.key])
    assert found(packets, codec) == [whole, None]


@CODECS
def test_other_pictures_are_counted_and_not_kept(codec: str) -> None:
    made = coded(codec)
    packets = packets_of([made.other, fragments(made), made.other, made.pictures[2]])
    assert found(packets, codec) == [None, annex_b(made.key), None, None]


@CODECS
def test_a_marker_on_each_slice_does_not_cut_a_picture(codec: str) -> None:
    made = coded(codec, slices=3)
    packets = [packet(payload, 1000, marker=True) for payload in fragments(made)]
    assert found(packets + end(made), codec) == [annex_b(made.key), None]


@CODECS
@pytest.mark.parametrize("missed", [1, 2])
def test_a_key_frame_in_whose_middle_we_come_is_not_taken_for_one(codec: str, missed: int) -> None:
    made = coded(codec, slices=3)
    packets = packets_of([fragments(made)])[missed:] + end(made)
    assert found(packets, codec) == [None, None]


@CODECS
def test_one_that_was_damaged_on_the_way_is_left_to_whoever_decodes(codec: str) -> None:
    made = coded(codec, slices=3)
    packets = packets_of([made.other, fragments(made)])
    del packets[len(made.other)]
    first, second, *more = found(packets + end(made), codec)
    assert first is None and second and more == [None]
    assert annex_b(made.key).endswith(second[-1000:])


@CODECS
def test_what_came_before_the_stream_broke_off_is_not_lost(codec: str) -> None:
    made = coded(codec)

    def breaking() -> Iterator[bytes]:
        yield from packets_of([fragments(made)])
        raise ConnectionResetError("gone")

    frames = key_frames(breaking(), 96, FFMPEG[codec])
    assert next(frames) == annex_b(made.key)
    with pytest.raises(ConnectionResetError):
        next(frames)


def test_headers_may_be_longer_and_packets_padded() -> None:
    made = coded()
    plain = packets_of([fragments(made)])
    longer = [
        # Padding, an extension, and one contributing source.
        bytes([each[0] | 0x31])
        + each[1:12]
        + b"CSRC"
        + b"\xbe\xde\x00\x02extended"
        + each[12:]
        + b"\x00\x00\x03"
        for each in plain
    ]
    assert found(longer + end(made)) == [annex_b(made.key), None]


def test_padding_that_is_longer_than_its_packet_is_none() -> None:
    payload = b"\x67" + b"a" * 80 + b"\x96"
    padded = bytearray(packet(payload, 10))
    padded[0] |= 0x20
    assert _payload(padded) == payload


def test_packets_of_another_kind_are_passed_over() -> None:
    made = coded()
    plain = packets_of([fragments(made)])
    mixed = [each for one in plain for each in (packet(b"sound", 5, payload_type=8), one)]
    assert found(mixed + end(made)) == [annex_b(made.key), None]


@pytest.mark.parametrize(
    "strange",
    [
        b"",
        b"\x65",
        b"\x7c",
        b"\x7c\x85",
        b"\x78\x00",
        b"\x78\xff\xff\x65",
        b"\x1f" * 9,
    ],
)
def test_packets_that_are_cut_off_or_make_no_sense_are_nothing(strange: bytes) -> None:
    made = coded()
    packets = [packet(strange, 10), *packets_of([fragments(made)]), *end(made)]
    assert [each for each in found(packets) if each] in ([annex_b(made.key)], [])
    assert found([packet(strange, 10)]) in ([], [None])


UNKNOWN = {
    "STAP-B": ("h264", b"\x79\x00\x00\x01"),
    "FU-B": ("h264", b"\x7d\x85\x00\x01"),
    "PACI": ("h265", bytes([50 << 1, 1, 0, 0])),
    "forbidden bit": ("h264", b"\x81abc"),
    "forbidden bit of H.265": ("h265", b"\x82\x01abc"),
    "start code": ("h264", START_CODE + b"\x67abc"),
    "sets in one unit": ("h264", b"\x67abc" + START_CODE + b"\x68d" + START_CODE + b"\x65"),
    "sets in one fragment": ("h264", b"\x7c\x87abc" + START_CODE + b"\x68d"),
    "sets in one H.265 unit": ("h265", b"\x40\x01abc" + START_CODE + b"\x42\x01d"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_packings_that_are_not_known_are_left_to_ffmpeg(name: str) -> None:
    codec, payload = UNKNOWN[name]
    with pytest.raises(Unusual):
        found([packet(payload, 10)], codec)


@CODECS
def test_packings_inside_each_other_are_left_to_ffmpeg(codec: str) -> None:
    payload = b"unit"
    for _each in range(1000):
        payload = together([payload], codec)
    with pytest.raises(Unusual):
        found([packet(payload, 10)], codec)


@CODECS
@pytest.mark.parametrize("first", [0, 1], ids=["from a key frame", "from another"])
def test_a_clock_that_stands_is_left_to_ffmpeg(codec: str, first: int) -> None:
    made = coded(codec)
    pictures = [fragments(made), made.other, made.pictures[2]] * 3
    with pytest.raises(Unusual):
        found([packet(one, 1000) for picture in pictures[first:] for one in picture], codec)


@CODECS
def test_parameter_sets_with_the_time_of_the_picture_before_are_left_to_ffmpeg(codec: str) -> None:
    made = coded(codec)
    before = [packet(one, 1000) for one in (*made.other, *made.parameter_sets)]
    with pytest.raises(Unusual):
        found([*before, *packets_of([fragments(made)], stamp=4600)], codec)


@CODECS
@pytest.mark.parametrize("by", ["packet", "slice"])
def test_a_picture_that_bears_several_times_is_left_to_ffmpeg(codec: str, by: str) -> None:
    made = coded(codec, slices=3)
    parts = [[one] for one in fragments(made)]
    if by == "slice":
        parts = [payloads_of([unit], codec) for unit in made.key]
    with pytest.raises(Unusual):
        found(packets_of([made.other, *parts]), codec)


@CODECS
def test_a_key_frame_that_is_cut_off_is_not_given_out(codec: str) -> None:
    made = coded(codec)

    def breaking() -> Iterator[bytes]:
        yield from packets_of([fragments(made)])[:-1]
        raise TimeoutError("silent")

    given = []
    with pytest.raises(TimeoutError):
        for frame in key_frames(breaking(), 96, FFMPEG[codec]):
            given.append(frame)
    assert given == []


def test_points_of_recovery_between_key_frames_say_nothing_new() -> None:
    made = coded()
    recovery = b"\x06\x06\x01\x84\x80"
    pictures = [fragments(made), [recovery, *made.other], fragments(made), [recovery, *made.other]]
    assert found(packets_of(pictures)) == [annex_b(made.key), None, annex_b(made.key), None]


@pytest.mark.parametrize("before", [b"", b"\x05\x03abc", b"\xff\x05\x03abc"])
def test_a_stream_that_is_refreshed_bit_by_bit_is_left_to_ffmpeg(before: bytes) -> None:
    made = coded()
    recovery = b"\x06" + before + b"\x06\x01\x84\x80"
    with pytest.raises(Unusual):
        found(packets_of([[recovery, *made.other]]))
    # Beside a key frame it says nothing new, and other remarks say nothing at all.
    assert found(packets_of([[recovery, *made.key]]) + end(made))[0] is not None
    assert found(packets_of([[b"\x06\x05\x02ab\x80", *made.other]])) == [None]


def test_a_picture_without_end_is_given_up() -> None:
    made = coded()
    piece = b"\x7c\x05" + b"\xaa" * 60_000
    count = MOST_BYTES // 60_000 + 10
    packets = [packet(made.key[0][:50], 1000), *(packet(piece, 1000) for _each in range(count))]
    assert found(packets + end(made)) == [None, None]


@CODECS
def test_harmed_packets_raise_nothing_that_is_not_foreseen(codec: str) -> None:
    made = coded(codec, slices=3)
    sound = packets_of([[together(made.parameter_sets, codec), *fragments(made)], made.other] * 2)
    harm = random.Random(7)
    seen = set()
    for _each in range(3000):
        packets = [bytearray(each) for each in sound]
        for _harm in range(harm.randint(1, 6)):
            one = harm.choice(packets)
            at = harm.randrange(min(len(one), 24))
            if harm.random() < 0.3:
                del one[max(13, at) :]
            else:
                one[min(at, len(one) - 1)] = harm.randrange(256)
        if harm.random() < 0.2:
            harm.shuffle(packets)
        try:
            seen.add(bool(found(packets, codec)))
        except Unusual:
            seen.add("unusual")
    assert seen >= {True, "unusual"}


@CODECS
def test_what_is_found_can_be_decoded(codec: str) -> None:
    made = coded(codec, slices=3)
    [key, _other] = found(packets_of([fragments(made)]) + end(made), codec)
    context = av.CodecContext.create(FFMPEG[codec], "r")
    assert isinstance(context, VideoCodecContext) and key is not None
    context.extradata = annex_b(made.parameter_sets)
    frames = context.decode(av.Packet(key)) or context.decode(None)
    assert [(one.width, one.height, one.is_corrupt) for one in frames] == [(320, 180, False)]
