"""Requests that no browser sends, to the real server and to nginx before it: refused or served, and never in anybody's way."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.test_nginx import Site, ask, open_site

HOST, END = b"Host: localhost\r\n", b"Connection: close\r\n\r\n"
#: What is sent under a child's name, to be found nowhere.
CANARY = b"ahmed_ben_ali_6A"
PICTURE = bytes.fromhex("ffd8ffc0000b080010001001011100ffda0008010100003f00") + bytes(32) + b"\xff\xd9"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("requests"), INSTAMEMES_LIMITS="off") as opened:
        yield opened
        assert CANARY.decode() not in opened.house.said()
        kept = [path for path in opened.folder.rglob("*") if path.is_file() and CANARY in path.read_bytes()]
        assert kept == [], "a file's name was kept"


@pytest.fixture(params=["server", "proxy"])
def address(site: Site, request: pytest.FixtureRequest) -> tuple[str, int]:
    """The server by itself, and nginx in front of it."""
    host, _, port = (site.direct if request.param == "server" else site.address).partition(":")
    return host, int(port)


def said(address: tuple[str, int], *pieces: bytes, seconds: float = 20) -> list[int]:
    """The statuses of all answers to these bytes; empty if the line was cut without a word."""
    with socket.create_connection(address, timeout=seconds) as line:
        heard = b""
        try:
            for piece in pieces:
                line.sendall(piece)
            while block := line.recv(1 << 16):
                heard += block
        except (TimeoutError, ConnectionError):
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", heard)]


def part(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    """One part of a form."""
    return b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + value + b"\r\n"


def form(*parts: bytes, kind: bytes = b"multipart/form-data; boundary=b", end: bytes = b"--b--\r\n") -> bytes:
    """A request that sends these parts to the programs' door."""
    body = b"".join(parts) + end
    head = b"POST /api/v1/entries HTTP/1.1\r\n" + HOST + b"Connection: close\r\nContent-Type: " + kind + b"\r\n"
    return head + b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body


STORY = (part(b"kind", b"story"), part(b"language", b"fr"), part(b"theme", b"hate"), part(b"text", b"une histoire"))
MEME = (part(b"kind", b"meme"), *STORY[1:3])
FORMS = {
    "a field twice": (form(*STORY, part(b"theme", b"rumours")), {422}),
    "a consent twice": (form(*STORY, part(b"consent_gallery", b"true"), part(b"consent_gallery", b"false")), {422}),
    "1001 parts": (form(*(part(b"x%d" % number, b"") for number in range(1001))), {413}),
    "two files in the field": (form(*MEME, *[part(b"image", PICTURE, b'; filename="a.jpg"')] * 2), {422}),
    "a field of 600 kB": (form(*STORY[:3], part(b"text", b"x" * 600_000)), {413}),
    "a name of 100 kB": (form(*STORY, part(b"n" * 100_000, b"")), {201, 400, 413, 422}),
    "no field": (form(), {422}),
    "no picture": (form(*MEME), {422}),
    "words in the place of the file": (form(*MEME, part(b"image", b"just words")), {422}),
    "a file in the place of the words": (form(*STORY[:3], part(b"text", b"words", b'; filename="a.txt"')), {422}),
    "words called a picture": (form(*MEME, part(b"image", b"just words", b'; filename="a.jpg"')), {422}),
    "no boundary": (form(*STORY, kind=b"multipart/form-data"), {400, 422}),
    "another boundary": (form(*STORY, kind=b"multipart/form-data; boundary=c"), {400, 422}),
    "a boundary of 2 kB": (form(*STORY, kind=b"multipart/form-data; boundary=" + b"c" * 2000), {400, 422}),
    "no end": (form(*STORY, end=b""), {400, 422}),
    "an end twice": (form(*STORY, end=b"--b--\r\n--b--\r\n" + part(b"text", b"more")), {201}),
    "a part without a name": (form(*STORY, b"--b\r\n\r\nx\r\n"), {201, 400, 422}),
    "a part's head without end": (form(*STORY, b"--b\r\nX: " + b"x" * 200_000), {400, 413, 422}),
    "a letter that is none": (form(*STORY[:3], part(b"text", b"\xed\xa0\x80\xff\xfe\xc0\x80 mot")), {201, 422}),
    "NUL": (form(*STORY[:3], part(b"text", b"mot\0mot\0")), {201}),
    "JSON": (form(b'{"kind": "story"}', kind=b"application/json", end=b""), {400, 415, 422}),
    "an XML with a wish": (form(b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>", kind=b"text/xml"),
                          {400, 415, 422}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_put_together_by_hand_gets_a_clear_answer(address: tuple[str, int], name: str) -> None:
    request, expected = FORMS[name]
    assert said(address, request) in [[status] for status in expected]


NAMES = (
    b"../../%s", b"..\\..\\%s", b"%s\0.jpg", b"/etc/%s", b"\xe2\x80\xaegpj.exe%s", b"CON",
    b"%s" + b"x" * 300,
    b"\xf0\x9f\x98\x80%s", "أحمد%s".encode(), b"%s\r\nX: y", b"%s;.jpg", b"<script>%s</script>", b"%s.svg", b"%s.php.jpg", b"",
)  # fmt: skip


def test_a_file_may_be_called_anything_and_its_name_is_kept_nowhere(address: tuple[str, int]) -> None:
    for name in NAMES:  # the module's end looks for it
        called = b'; filename="' + (name.replace(b"%s", CANARY)) + b'"\r\nContent-Type: image/svg+xml'
        assert said(address, form(*MEME, part(b"image", PICTURE, called)))[0] in {201, 400, 422}, name


BODY = b"".join(STORY) + b"--b--\r\n"
SEND = b"POST /api/v1/entries HTTP/1.1\r\n" + HOST + b"Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n"
CHUNKED = SEND + b"Transfer-Encoding: chunked\r\n\r\n"
LINES = {
    "a length too short": (SEND + b"Content-Length: 20\r\n\r\n" + BODY, {400, 422}),
    "a length too long": (SEND + b"Content-Length: 9000\r\n\r\n" + BODY, {400, 408, 422, 0}),
    "a length below nothing": (SEND + b"Content-Length: -1\r\n\r\n" + BODY, {400, 0}),
    "a length that is none": (SEND + b"Content-Length: ten\r\n\r\n" + BODY, {400, 0}),
    "a length of the world": (SEND + b"Content-Length: 999999999999999999\r\n\r\n" + BODY, {400, 413, 0}),
    "a length beyond numbers": (SEND + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n" + BODY, {400, 413, 0}),
    "chunks": (CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY), {201, 411, 422}),
    "chunks with an impossible size": (CHUNKED + b"zz\r\n" + BODY, {400, 422, 0}),
    "chunks without end": (CHUNKED + b"%x\r\n%s\r\n" % (len(BODY), BODY), {201, 400, 408, 422, 0}),
    "chunks with a huge size": (CHUNKED + b"ffffffffffffffff\r\n" + BODY, {400, 413, 422, 0}),
    "HTTP/1.0": (SEND.replace(b"1.1", b"1.0") + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY, {201}),
    "HTTP/1.0 without a host": (b"GET /ar/ HTTP/1.0\r\n\r\n", {200, 400}),
    "HTTP/1.1 without a host": (b"GET /ar/ HTTP/1.1\r\nConnection: close\r\n\r\n", {200, 400}),
    "HTTP/0.9": (b"GET /ar/\r\n", {400, 0}),
    "HTTP/9.9": (b"GET /ar/ HTTP/9.9\r\n" + HOST + b"\r\n", {400, 505, 0}),
    "TLS on the plain port": (b"\x16\3\1\2\0\1\0\1\xfc\3\3" + bytes(500), {400, 0}),
    "TRACE": (b"TRACE /ar/ HTTP/1.1\r\n" + HOST + END, {400, 405}),
    "CONNECT": (b"CONNECT example.org:443 HTTP/1.1\r\n" + HOST + END, {400, 404, 405, 0}),
    "a method of nobody": (b"BREW /ar/ HTTP/1.1\r\n" + HOST + END, {400, 405, 501, 0}),
    "a method of 10 kB": (b"A" * 10_000 + b" /ar/ HTTP/1.1\r\n" + HOST + b"\r\n", {400, 405, 414, 501, 0}),
    "2000 headers": (b"GET /ar/ HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 2000 + END, {200, 400, 431, 0}),
    "a header of 1 MB": (b"GET /ar/ HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 1_000_000 + b"\r\n\r\n", {400, 431, 0}),
    "an address of 100 kB": (b"GET /ar/" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", {404, 414, 400, 0}),
    "NUL in the address": (b"GET /ar/%00 HTTP/1.1\r\n" + HOST + END, {400, 404}),
    "a bare NUL in the address": (b"GET /ar/\0 HTTP/1.1\r\n" + HOST + b"\r\n", {400, 404, 0}),
    "NUL in a header": (b"GET /ar/ HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", {400, 0}),
    "a bent header": (b"GET /ar/ HTTP/1.1\r\n" + HOST + b" X: y\r\n\r\n", {400, 200, 0}),
    "up and out": (b"GET /static/../../../../etc/passwd HTTP/1.1\r\n" + HOST + END, {400, 404}),
    "up and out, hidden": (b"GET /static/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + HOST + END, {400, 404}),
    "half a letter": (b"GET /ar/%e0%a4 HTTP/1.1\r\n" + HOST + END, {400, 404}),
    "a whole address": (b"GET http://example.org/ar/ HTTP/1.1\r\n" + HOST + END, {200, 400, 404}),
    "a foreign language": (b"GET /ar/ HTTP/1.1\r\n" + HOST + b"Accept-Language: " + b"a;q=0.1," * 500 + b"\r\n" + END, {200}),
    "a thousand cookies": (b"GET /desk/ HTTP/1.1\r\n" + HOST + b"Cookie: " + b"desk=x; " * 500 + b"\r\n" + END, {303, 400}),
    "a thousand ranges": (b"GET /offline.json HTTP/1.1\r\n" + HOST + b"Range: bytes=" + b"0-1," * 900 + b"0-1\r\n" + END,
                          {200, 206, 404, 416}),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_request_written_by_hand_is_answered_once_or_cut(address: tuple[str, int], name: str) -> None:
    request, expected = LINES[name]
    heard = said(address, request, seconds=2 if 0 in expected else 30)
    assert (heard or [0])[0] in expected
    assert len(heard) < 2 or heard[0] == 200, "what is left of a body is no second request"


def test_who_asks_whether_to_go_on_is_told_so_and_requests_in_one_breath_are_all_answered(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as line:
        line.sendall(SEND + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(BODY))
        heard = line.recv(1 << 16)
        assert heard.startswith((b"HTTP/1.1 100", b"HTTP/1.1 417"))
        line.sendall(BODY)
        assert b"HTTP/1.1 201" in heard + line.recv(1 << 16)
    one = b"GET /robots.txt HTTP/1.1\r\n" + HOST
    assert said(address, (one + b"\r\n") * 20 + one + END) == [200] * 21


HOSTS = ("evil.example", "localhost:99999", "localhost@evil.example", "a" * 3000, "[::1", "localhost, evil")


@pytest.mark.parametrize("host", HOSTS)
def test_no_answer_leads_to_another_house(site: Site, host: str) -> None:
    for where in (site.direct, site.address):
        for path in ("//evil.example", "//evil.example/%2f..", "/\\evil.example", "/ar//evil.example", "/", "/desk"):
            status, headers, _ = ask(where, path, Host=host)
            assert status < 500, (where, path)
            assert "evil" not in headers.get("location", "").removeprefix(f"http://{host}"), (where, path, host)
            assert not headers.get("location", "/").startswith(("//", "/\\")), (where, path)


def test_two_hundred_that_wait_and_some_that_send_a_byte_a_second_are_in_nobodys_way(address: tuple[str, int]) -> None:
    slow = SEND + b"Content-Length: 5000\r\n\r\n"
    with ExitStack() as opened:
        lines = [opened.enter_context(socket.create_connection(address, timeout=20)) for _ in range(220)]
        for line in lines[:20]:
            line.sendall(slow)
        for line in lines[20:40]:
            line.sendall(b"GET /ar/ HTTP/1.1\r\nHost: loc")
        for _ in range(4):
            for line in lines[:20]:
                line.sendall(b"x")
            began = time.monotonic()
            assert said(address, b"GET /ar/share HTTP/1.1\r\n" + HOST + END) == [200]
            assert said(address, form(*STORY)) == [201]
            # They are held for a minute at least; who waited for one of them would need longer than any busy machine does.
            assert time.monotonic() - began < 30


def test_the_api_is_as_it_is_described(site: Site, thorough: bool, figure: Callable[..., None], tmp_path: Path) -> None:
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", Path(__file__).with_name("schemathesis.toml"), "run",
        f"http://{site.direct}/api/v1/openapi.json", "--checks", "all", "--max-examples", "300" if thorough else "5", "--seed", "1",
        "--no-color", "--continue-on-failure",
    ]  # fmt: skip
    if not thorough:
        command += ["--phases", "coverage,fuzzing"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    [tried] = re.findall(r"(\d+) generated", done.stdout)
    figure("hostile.api_requests", int(tried), unit="requests, every check")
