"""A form that is read in place says what Werkzeug's own reading says, whatever is in it, and copies no file."""

import io
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.wrappers import Request

from memes.in_place import Stretch, parser_of

LIMITS = {"max_form_memory_size": 200_000, "max_form_parts": 5}
#: What looks most like the end of a part, and what is cut at the ends of blocks.
ODD = st.sampled_from([b"\r\n--b", b"\r\n--", b"--b--", b"\r\n", b"\n", b"\r", b"\r\n--bb\r\n", b"x" * 65_530, b"", b"\n--b\n"])
PART = st.tuples(
    st.sampled_from([b'name="f"', b'name="g"; filename="p.jpg"', b'name="g"; filename=""', b"", b'filename="x"']),
    st.sampled_from([b"\r\n", b"\n", b"\r"]),
    st.lists(ODD | st.binary(max_size=40), max_size=4).map(b"".join),
)


def body_of(parts: list[tuple[bytes, bytes, bytes]], end: bytes) -> bytes:
    heads = [b"--b" + line + b"Content-Disposition: form-data; " + told + line + line for told, line, _ in parts]
    return b"".join(head + data + line for head, (_, line, data) in zip(heads, parts, strict=True)) + end


def read(body: bytes, *, in_place: bool, kind: str = "multipart/form-data; boundary=b", **limits: int) -> Any:
    with SpooledTemporaryFile(1000) as file:
        file.write(body)
        file.seek(0)
        request = Request({"REQUEST_METHOD": "POST", "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body)), "wsgi.input": file})
        for name, most in (LIMITS | limits).items():
            setattr(request, name, most)
        # Werkzeug leaves its own files open where a form is broken.
        request._get_file_stream = lambda *_a, **_k: io.BytesIO()  # type: ignore[method-assign]
        if in_place:
            request.make_form_data_parser = lambda: parser_of(request)  # type: ignore[method-assign]
        try:
            files = list(request.files.items(multi=True))
            said = [(name, one.filename, one.name, list(one.headers), one.stream.read()) for name, one in files]
            return list(request.form.items(multi=True)), said
        except RequestEntityTooLarge:
            return "too large"


@given(st.lists(PART, max_size=6), st.sampled_from([b"--b--\r\n", b"--b--", b"--b", b"", b"--b--\r\nbehind it", b"\r\n--b\r\n"]))
def test_it_is_read_as_werkzeug_reads_it(parts: list[tuple[bytes, bytes, bytes]], end: bytes) -> None:
    body = body_of(parts, end)
    assert read(body, in_place=True) == read(body, in_place=False)


def test_files_of_several_blocks_come_whole_and_lie_in_the_body() -> None:
    first, second = bytes(range(256)) * 1000, b"\r\n--" * 50_000
    body = body_of([(b'name="a"; filename="1"', b"\r\n", first), (b'name="f"', b"\r\n", "كلمة".encode()),
                    (b'name="b"; filename="2"', b"\r\n", second)], b"--b--")  # fmt: skip
    words, files = read(body, in_place=True)
    assert words == [("f", "كلمة")]
    assert [file[-1] for file in files] == [first, second]
    with SpooledTemporaryFile(1000) as file:
        file.write(body)
        file.seek(0)
        request = Request({"CONTENT_TYPE": "multipart/form-data; boundary=b", "CONTENT_LENGTH": str(len(body)), "wsgi.input": file})
        request.make_form_data_parser = lambda: parser_of(request)  # type: ignore[method-assign]
        assert isinstance(request.files["a"].stream, Stretch)


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=é", "application/x-www-form-urlencoded", "text/plain", ""]
)
def test_what_is_no_form_of_parts_is_read_as_ever(kind: str) -> None:
    assert read(b"a=1&b=2", in_place=True, kind=kind) == read(b"a=1&b=2", in_place=False, kind=kind)


def test_the_limits_hold() -> None:
    many = body_of([(b'name="f"', b"\r\n", b"x")] * 6, b"--b--")
    long = body_of([(b'name="f"', b"\r\n", b"x" * 200_001)], b"--b--")
    assert read(many, in_place=True) == read(long, in_place=True) == "too large"
    assert read(many, in_place=True, max_form_parts=6)[0] == [("f", "x")] * 6


def test_a_body_that_lies_in_no_file_is_left_to_werkzeug() -> None:
    assert type(parser_of(Request({"wsgi.input": io.BytesIO()}))) is FormDataParser


def test_a_stretch_is_like_a_file_of_its_own() -> None:
    file = io.BytesIO(b"0123456789")
    one, other = Stretch(file, 2, 5), Stretch(file, 7, 2)
    assert (one.read(2), other.read(), one.read(), one.read()) == (b"23", b"78", b"456", b"")
    assert (one.seek(-2, io.SEEK_END), one.tell(), one.read(9)) == (3, 3, b"56")
    assert (one.seek(9), one.read(), one.seek(-1, io.SEEK_CUR), one.seek(1), one.read(1)) == (9, b"", 8, 1, b"3")
    assert one.readable()
    assert one.seekable()
