"""The proxy's own file in front of a running house: pictures by nginx on our word, and no line about anybody."""

import http.client
import io
import os
import re
import socket
import ssl
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from memes import articles, attachments, entries, lease, writing
from memes.articles import Content, Words
from memes.db import Database
from memes.lifecycle import Action, State
from memes.models import Entry
from memes.settings import Settings
from memes.storage import open_store
from tests import certificates, tools
from tests.fakes import RecordingQueue
from tests.journeys.house import House, open_house, until
from tests.journeys.pictures import phone_photo
from tests.make import draft
from tests.memes.films import MP4, PDF, VTT
from workers import editors_files, pipeline
from workers.render import render_in_child

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "nginx.conf"
#: Told by a visitor, to be found nowhere.
CANARY = "canary-of-a-browser"
#: What differs by design: the proxy's own name, times, how long and how the bytes travel.
OWN = {"server", "date", "connection", "keep-alive", "content-length", "accept-ranges", "transfer-encoding"}


@dataclass(frozen=True)
class Site:
    """A house, by its own address and through nginx."""

    direct: str
    address: str
    house: House
    folder: Path
    #: The port that speaks TLS, and whom to believe there.
    tls: int
    authority: Path


#: A browser that speaks plainly to the port of TLS hears nothing, as where no port is open at all.
SILENT = "error_page 497 @plain;\nlocation @plain { return 444; }\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("proxy")) as opened:
        yield opened


@contextmanager
def open_site(folder: Path, **environment: str) -> Iterator[Site]:
    """A house behind nginx, all in one folder."""
    (folder / "run").mkdir()
    told = {"INSTAMEMES_MEDIA_ACCEL": "/stored/", "INSTAMEMES_TRUSTED_PROXIES": "1"} | environment
    with open_house(folder / "home", **told) as house:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        with socket.create_server(("127.0.0.1", 0)) as taken:
            tls = taken.getsockname()[1]
        authority, certificate, key = certificates.made_in(folder)
        example = (CONFIGURATION.parent / "listen.conf.example").read_text()
        protocols = "\n".join(
            line for line in example.splitlines() if line.startswith(("ssl_protocols", "ssl_session"))
        )
        (folder / "listen.conf").write_text(
            f"listen 127.0.0.1:{port};\nlisten 127.0.0.1:{tls} ssl;\nserver_name localhost;\n"
            f"ssl_certificate {certificate};\nssl_certificate_key {key};\n{protocols}\n{SILENT}"
        )
        (folder / "nginx.conf").write_text(_here(folder, house))
        program = os.environ.get("NGINX") or tools.nginx()
        assert program, "Needs nginx."
        proxy = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"])
        try:
            _wait_for(port)
            yield Site(house.address.removeprefix("http://"), f"127.0.0.1:{port}", house, folder, tls, authority)
        finally:
            proxy.terminate()
            assert proxy.wait(10) == 0


def _here(folder: Path, house: House) -> str:
    """The file as it is delivered, with the places of this machine."""
    words = CONFIGURATION.read_text()
    for written, meant in (
        ("user instamemes;", "user root;" if os.geteuid() == 0 else ""),
        ("/run/instamemes", f"{folder}/run"),
        ("/var/lib/instamemes/media/", f"{house.home}/media/"),
        ("/etc/instamemes/listen.conf", f"{folder}/listen.conf"),
        ("127.0.0.1:8000", house.address.removeprefix("http://")),
    ):
        assert written in words
        words = words.replace(written, meant)
    return words


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx did not start")


def published(house: House) -> UUID:
    """An approved meme with its clean sizes."""
    settings = Settings.from_env(house.environment)
    store = open_store(settings.media_url)
    with Database(settings.database_url, settings.entry_keys) as database:
        with database.writing() as session:
            sent = entries.submit(
                session,
                draft(kind="meme"),
                io.BytesIO(phone_photo()),
                os.urandom(32),
                store=store,
                queue=RecordingQueue(),
            )
        pipeline.process(database, store, render_in_child, sent.id)
        with database.writing() as session:
            entries.transition(session, session.get_one(Entry, sent.id), Action.APPROVE, actor="somebody")
    return sent.id


def withdraw(house: House, entry_id: UUID) -> None:
    settings = Settings.from_env(house.environment)
    with Database(settings.database_url, settings.entry_keys) as database, database.writing() as session:
        entries.withdraw(session, session.get_one(Entry, entry_id), store=open_store(settings.media_url))
        assert session.get_one(Entry, entry_id).state is State.WITHDRAWN
    time.sleep(lease.WAIT)  # as a child waits for the answer


def written(house: House) -> dict[UUID, str]:
    """A public resource with a document and a film: the id of each file, and its name in the store."""
    settings = Settings.from_env(house.environment)
    store = open_store(settings.media_url)
    with Database(settings.database_url) as database, database.writing() as session:
        files = [attachments.keep(session, io.BytesIO(data), store=store) for data in (PDF, MP4, VTT)]
        named = tuple(articles.File(file.id, "fr") for file in files)
        article = writing.create(session, "resource", Content({"fr": Words("Une fiche")}, files=named), editor="somebody")
        for file in files:
            file.article_id = article.id
        writing.publish(session, article, formats=attachments.formats(files))
    with Database(settings.database_url) as database:
        editors_files.clean(database, store, render_in_child)
        return {file.id: file.key.rpartition("/")[2] for file in files[:2]}


def hide(house: House) -> None:
    with Database(house.database_url) as database, database.writing() as session:
        article = writing.find(session, "resource", "une-fiche")
        assert article is not None
        writing.unpublish(session, "resource", "une-fiche", seen=article.version)


def ask(address: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (small letters) and body of an answer."""
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("POST" if body else "GET", path, body, {"User-Agent": CANARY, **headers})
    answer = connection.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    found = (answer.status, told, answer.read())
    connection.close()
    return found


def test_a_picture_is_opened_once_and_a_withdrawn_one_for_nobody(site: Site) -> None:
    entry_id = published(site.house)
    path = f"/media/{entry_id}/320.webp"
    _, direct, picture = ask(site.direct, path)
    status, headers, body = ask(site.address, path)
    assert (status, body, body[:4]) == (200, picture, b"RIFF")
    assert {name: headers[name] for name in headers.keys() - OWN} == {name: direct[name] for name in direct.keys() - OWN}
    assert ask(site.address, path, **{"If-None-Match": headers["etag"]})[0] == 304
    [stored] = (site.house.home / "media" / "renditions" / str(entry_id)).rglob("*320.webp")
    assert b"RIFF" not in stored.read_bytes(), "what lies in the folder cannot be looked at"
    stored.unlink()
    assert ask(site.direct, path)[0] == 404, "nobody can open it again"
    time.sleep(1.1)  # the proxy asks us anew
    assert ask(site.address, f"{path}?typed=by-somebody")[2] == picture
    assert len(kept_by_the_proxy(site)) == 1, "one picture, whatever is typed behind it"
    withdraw(site.house, entry_id)
    until(lambda: ask(site.address, path)[0] == 404, site.house.said)
    assert not any(b"RIFF" in file.read_bytes() for file in kept_by_the_proxy(site)), "it was written over"


def kept_by_the_proxy(site: Site) -> list[Path]:
    return [file for file in (site.folder / "run" / "pictures").rglob("*") if file.is_file()]


@pytest.mark.thorough
def test_a_withdrawn_picture_has_left_every_cache_within_a_minute_though_nobody_asks(
    site: Site, figure: Callable[..., None]
) -> None:
    entry_id = published(site.house)
    path = f"/media/{entry_id}/320.webp"
    headers = ask(site.address, path)[1]
    assert any(b"RIFF" in file.read_bytes() for file in kept_by_the_proxy(site))
    withdraw(site.house, entry_id)
    since = time.monotonic()
    until(lambda: not any(b"RIFF" in file.read_bytes() for file in kept_by_the_proxy(site)), site.house.said)
    figure("withdrawn.proxy", round(time.monotonic() - since), goal="< 60", unit="s until its bytes are nowhere in the proxy")
    assert time.monotonic() - since < 60
    [age] = re.findall(r"max-age=(\d+), must-revalidate", headers["cache-control"])
    assert int(age) + 2 < 60, "a browser that came in the proxy's last second"


def test_a_page_that_was_kept_is_gone_with_the_withdrawal_in_another_process(site: Site) -> None:
    entry_id = published(site.house)
    paths = ("/ar/gallery", "/api/v1/gallery", f"/en/embed/{entry_id}", "/feed.atom")
    for _ in range(3):
        assert all(str(entry_id).encode() in ask(site.address, path)[2] for path in paths)
    withdraw(site.house, entry_id)
    assert not any(str(entry_id).encode() in ask(site.address, path)[2] for path in paths)


def test_the_proxy_sends_files_of_editors_as_we_say_and_hidden_ones_to_nobody(site: Site) -> None:
    files = written(site.house)
    for file_id, name in files.items():
        stored = site.house.home / "media" / "campaign" / name
        headers = comes_from_the_proxy(site, f"/files/{file_id}", stored)
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers.get("content-disposition", "").startswith("attachment") == name.endswith(".pdf")
        status, part, body = ask(site.address, f"/files/{file_id}", Range="bytes=4-7")
        assert (status, body) == (206, stored.read_bytes()[4:8]), "a film is wound forward"
        assert part["content-security-policy"] == headers["content-security-policy"]
    hide(site.house)
    assert {ask(site.address, f"/files/{file_id}")[0] for file_id in files} == {404}


def comes_from_the_proxy(site: Site, path: str, stored: Path) -> dict[str, str]:
    """The bytes of a stored file, with the headers that we gave and by no other way; the headers."""
    status, direct, nothing = ask(site.direct, path)
    assert (status, nothing) == (200, b""), "the bytes do not come from here"
    status, headers, body = ask(site.address, path)
    assert (status, body) == (200, stored.read_bytes())
    told = {name: value for name, value in headers.items() if name not in OWN}
    expected = {name: value for name, value in direct.items() if name not in OWN | {"x-accel-redirect"}}
    assert told == expected, "the same headers, above all no time"
    assert ask(site.address, path, **{"If-None-Match": headers["etag"]})[0] == 304
    assert ask(site.address, f"/stored/{stored.relative_to(site.house.home / 'media')}")[0] == 404
    return headers


def test_pages_forms_and_refusals_come_through_and_nobody_is_written_down(site: Site) -> None:
    status, headers, page = ask(site.address, "/ar/")
    assert (status, "content-security-policy" in headers) == (200, True)
    assert 'dir="rtl"' in page.decode()
    body = ('--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + "كلمة " * 500_000 + "\r\n--b--\r\n").encode()
    kind = "multipart/form-data; boundary=b"
    status, _, sentence = ask(site.address, "/ar/share/story", body, **{"Content-Type": kind})
    assert (status in (413, 422), bool(sentence)) == (True, True), "a sentence, not a broken line"
    ask(site.address, "/nothing/here")
    forged = {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "gopher", "Forwarded": "host=elsewhere.example"}
    _, _, addresses = ask(site.address, "/sitemap.xml", **forged)
    assert b"http://127.0.0.1/" in addresses
    assert b"elsewhere" not in addresses, "what a browser says of proxies is not believed"
    found = [path for path in site.folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert found == []
    left = {path for path in (site.folder / "run").rglob("*") if path.is_file()} - set(kept_by_the_proxy(site))
    assert [path.name for path in left] == ["nginx.pid"]
    assert not re.search(r"\d+\.\d+\.\d+\.\d+", site.house.said().replace(site.direct, "")), "an address was printed"


def test_only_new_tls_is_spoken_and_every_answer_asks_to_come_back_over_it(site: Site) -> None:
    trusting = ssl.create_default_context(cafile=str(site.authority))
    with (
        socket.create_connection(("127.0.0.1", site.tls)) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as safe,
    ):
        assert safe.version() == "TLSv1.3", "the newest is preferred"
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", site.tls)) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as safe,
    ):
        name, _, bits = safe.cipher() or ("", "", 0)
        assert name.startswith("ECDHE")
        assert "GCM" in name or "CHACHA20" in name
        assert bits >= 128
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", site.tls)) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain)
    secure = ssl.create_default_context(cafile=str(site.authority))
    for path, method, status in (
        ("/ar/", "GET", 200),
        ("/nothing", "GET", 404),
        ("/ar/", "TRACE", 405),
        ("/%zz", "GET", 400),
    ):
        connection = http.client.HTTPSConnection("localhost", site.tls, context=secure, timeout=60)
        connection.request(method, path, headers={"X-Canary": CANARY})
        answer = connection.getresponse()
        told, body = answer.getheader("Strict-Transport-Security"), answer.read()
        connection.close()
        assert (answer.status, told) == (status, "max-age=63072000; includeSubDomains"), path
        assert CANARY.encode() not in body
        assert answer.getheader("Server") == "nginx", "without its version"


#: Requests whose end two readers could see in two places.
TWO_ENDS = (
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n",
    b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcd",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: +4\r\n\r\nabcd",
)


@pytest.mark.parametrize("ending", TWO_ENDS)
def test_a_request_with_two_ends_carries_no_second_request(site: Site, ending: bytes) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(site.address.partition(":")[2]))) as line:
        line.sendall(b"POST /ar/receipt HTTP/1.1\r\nHost: localhost\r\n" + ending + smuggled)
        line.settimeout(10)
        told = b""
        while chunk := line.recv(65536):
            told += chunk
            if b"400 Bad Request" in told or b"501 Not Implemented" in told:
                break
    assert told.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
    assert told.count(b"HTTP/1.1 ") == 1, "the second request was never read"
