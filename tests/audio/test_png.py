"""Tables as PNG files: to the bit, as another program reads and writes them, and never damaged."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from graphophone.audio import png
from graphophone.audio.features import log_mel, pack
from graphophone.errors import FormatError
from tests.generation.small import noise

TABLE = np.random.default_rng(0).integers(0, 256, (40, 30)).astype(np.uint8)


@settings(deadline=None)  # the first call compiles
@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_a_table_comes_back_to_the_bit_and_another_program_sees_the_same(table: png.Bytes) -> None:
    file = png.encode(table)
    np.testing.assert_array_equal(png.decode(file), table)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(file))), table)


@pytest.mark.parametrize("kind", ["smooth", "noise", "flat", "steps"])
def test_files_of_another_program_are_read_whatever_filters_it_chose(kind: str) -> None:
    rows, columns = np.mgrid[:64, :50]
    table = {
        "smooth": (rows * 2 + columns) % 256,
        "noise": np.random.default_rng(1).integers(0, 256, rows.shape),
        "flat": np.full(rows.shape, 7),
        "steps": (rows // 9 * 40 + columns // 5 * 3) % 256,
    }[kind].astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(table).save(file, "PNG")
    np.testing.assert_array_equal(png.decode(file.getvalue()), table)


def test_each_filter_of_the_format_is_undone_as_another_program_undoes_it() -> None:
    rng = np.random.default_rng(2)
    lines = rng.integers(0, 256, (50, 21)).astype(np.uint8)
    lines[:, 0] = np.arange(50) % 5
    head = png.HEADER.pack(20, 50, *png.GREY)
    file = (
        png.SIGNATURE
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines.tobytes()))
        + chunk(b"IEND", b"")
    )
    np.testing.assert_array_equal(png.decode(file), np.asarray(Image.open(io.BytesIO(file))))


def test_even_a_spectrogram_of_noise_takes_less_than_an_entropy_coder_alone_would() -> None:
    mel = pack(log_mel(noise(1)[None]))[0].flatten(0, 1).numpy()
    counts = np.bincount(mel.ravel(), minlength=256) / mel.size
    entropy = -(counts[counts > 0] * np.log2(counts[counts > 0])).sum() * mel.size / 8
    assert len(png.encode(mel)) < 0.95 * entropy


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_a_flipped_bit_anywhere_is_noticed(place: int) -> None:
    file = bytearray(png.encode(TABLE))
    file[place * len(file) // 100] ^= 4
    with pytest.raises(FormatError, match="PNG file"):
        png.decode(bytes(file))


def test_what_is_no_such_file_is_refused() -> None:
    file = png.encode(TABLE)
    with pytest.raises(FormatError, match="this is no PNG file"):
        png.decode(b"RIFF")
    with pytest.raises(FormatError, match="is damaged in its part 'IDAT'"):
        png.decode(file[:-40])
    with pytest.raises(FormatError, match="is damaged in its part 'IEND'"):
        png.decode(file[:-1] + b"?")
    with pytest.raises(FormatError, match="not one of 8-bit greyscale"):
        png.decode(png.SIGNATURE)
    coloured = io.BytesIO()
    Image.new("RGB", (3, 3)).save(coloured, "PNG")
    with pytest.raises(FormatError, match="not one of 8-bit greyscale"):
        png.decode(coloured.getvalue())

    def small(body: bytes) -> bytes:
        head = chunk(b"IHDR", png.HEADER.pack(2, 1, *png.GREY))
        return png.SIGNATURE + head + chunk(b"IDAT", body)

    with pytest.raises(FormatError, match="should hold 1 rows of 2 bytes"):
        png.decode(small(zlib.compress(b"\0")))
    with pytest.raises(FormatError, match="cannot be unpacked"):
        png.decode(small(b"nonsense"))
    with pytest.raises(FormatError, match="a row of filter 9, the last is 4"):
        png.decode(small(zlib.compress(b"\x09ab")))


def chunk(kind: bytes, content: bytes) -> bytes:
    size, check = (n.to_bytes(4, "big") for n in (len(content), zlib.crc32(kind + content)))
    return size + kind + content + check
