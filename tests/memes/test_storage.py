"""Both media stores keep the same promises; S3 is met over HTTP, as in life."""

import io
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3.session
import pytest
from moto.server import ThreadedMotoServer

from memes.errors import ConfigurationError, StoreUnavailable
from memes.ports import MediaStore
from memes.s3 import S3Store
from memes.storage import FileStore, open_store

ROOT = Path(__file__).parents[2]
BUCKET = "instamemes-tests"
KEY = "private/0b6e/original"
FOREIGN_KEYS = ["", "/", "/etc/passwd", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "./a", ".partial/a", "a/.b",
                "a..b", "A", "é", "a b", "a\n", "a\0", "a\\b", "a%2e", "x" * 201]  # fmt: skip
PAST, FUTURE = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))


def bytes_of(store: MediaStore, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


def put(store: MediaStore, key: str, data: bytes = b"picture") -> None:
    store.put(key, io.BytesIO(data))


@pytest.fixture(scope="module")
def service() -> Iterator[Any]:
    """A client of an S3 server of our own, reached over HTTP; the environment leads there and nowhere else."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        environment.setenv("AWS_ACCESS_KEY_ID", "nobody")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environment.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
        client = boto3.session.Session().client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client
        client.close()
    server.stop()


@pytest.fixture(scope="module")
def s3_store(service: Any) -> S3Store:
    return S3Store(f"s3://{BUCKET}/media")


@pytest.fixture
def bucket(service: Any) -> Iterator[str]:
    # A neighbour in the same bucket, outside the prefix.
    service.put_object(Bucket=BUCKET, Key="mediaother/private/neighbour", Body=b"not ours")
    yield BUCKET
    for found in service.list_objects_v2(Bucket=BUCKET)["Contents"]:
        service.delete_object(Bucket=BUCKET, Key=found["Key"])


@pytest.fixture(params=["file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "file":
        store = open_store(f"file://{tmp_path / 'media'}")
        assert store.ready()  # which makes the folder, as the bucket is made
        return store
    request.getfixturevalue("bucket")
    return request.getfixturevalue("s3_store")


@pytest.fixture(params=["file", "s3", "s3 without bucket"])
def broken(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MediaStore:
    if request.param == "file":
        loop = tmp_path / "media"
        loop.symlink_to(loop)
        return FileStore(loop)
    request.getfixturevalue("service")
    if request.param == "s3":
        with socket.create_server(("127.0.0.1", 0)) as closed_soon:
            port = closed_soon.getsockname()[1]
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")
    return S3Store("s3://instamemes-missing/media")


class TestEachStore:
    """What `ports.MediaStore` promises."""

    def test_what_was_put_is_read_back_and_the_stream_can_be_searched(self, store: MediaStore) -> None:
        data = os.urandom(3_000_000)
        put(store, KEY, data)
        with store.open(KEY) as stream:
            assert stream.read() == data
            stream.seek(1_000_000)
            assert stream.read(5) == data[1_000_000:1_000_005]

    def test_an_empty_object_is_an_object(self, store: MediaStore) -> None:
        put(store, KEY, b"")
        assert bytes_of(store, KEY) == b""

    def test_the_source_is_taken_from_where_it_stands_and_left_open(self, store: MediaStore) -> None:
        source = io.BytesIO(b"head and picture")
        source.seek(9)
        store.put(KEY, source)
        assert bytes_of(store, KEY) == b"picture"
        assert not source.closed

    def test_a_source_that_cannot_go_back_is_taken_whole(self, store: MediaStore) -> None:
        for size in (9, 3_000_000):
            reading, writing = os.pipe()
            with open(reading, "rb") as source, open(writing, "wb") as far:
                threading.Thread(target=lambda data, to: (to.write(data), to.close()), args=(bytes(size), far)).start()
                store.put(KEY, source)
            assert bytes_of(store, KEY) == bytes(size)

    def test_the_same_key_again_replaces_the_object(self, store: MediaStore) -> None:
        put(store, KEY, b"a long first version")
        put(store, KEY, b"second")
        assert bytes_of(store, KEY) == b"second"
        assert list(store.keys("")) == [KEY]

    @pytest.mark.parametrize("key", ["private/0b6e/other", "private/0b6e", "private/0b6e/original/more", "nowhere"])
    def test_a_missing_object_is_a_key_error(self, store: MediaStore, key: str) -> None:
        put(store, KEY)
        with pytest.raises(KeyError):
            store.open(key)

    def test_a_deleted_object_is_gone_and_deleting_it_again_is_harmless(self, store: MediaStore) -> None:
        put(store, KEY)
        put(store, "private/0b6e/twin", b"twin")
        for _ in range(2):
            store.delete(KEY)
        with pytest.raises(KeyError):
            store.open(KEY)
        assert list(store.keys("")) == ["private/0b6e/twin"]
        assert bytes_of(store, "private/0b6e/twin") == b"twin"

    @pytest.mark.parametrize("key", ["private/0b6e", "private/0b6e/original/more", "nowhere"])
    def test_deleting_what_is_no_object_changes_nothing(self, store: MediaStore, key: str) -> None:
        put(store, KEY)
        store.delete(key)
        assert list(store.keys("")) == [KEY]

    def test_keys_are_found_by_their_beginning(self, store: MediaStore) -> None:
        keys = {"private/0b6e/a", "private/0b77/b", "private/c", "renditions/0b6e/320.webp"}
        for key in keys:
            put(store, key)
        assert set(store.keys("")) == keys
        assert set(store.keys("private/")) == {"private/0b6e/a", "private/0b77/b", "private/c"}
        assert set(store.keys("private/0b")) == {"private/0b6e/a", "private/0b77/b"}
        assert set(store.keys("private/0b6e/")) == {"private/0b6e/a"}
        assert not set(store.keys("public/"))
        assert not set(store.keys("private/c/d"))

    def test_keys_can_be_asked_by_age(self, store: MediaStore) -> None:
        put(store, KEY)
        assert list(store.keys("private/", PAST)) == []
        assert list(store.keys("private/", FUTURE)) == [KEY]

    def test_keys_may_be_deleted_while_they_are_listed(self, store: MediaStore) -> None:
        for number in range(20):
            put(store, f"private/{number % 3}/{number}")
        for key in store.keys("private/"):
            store.delete(key)
        assert list(store.keys("")) == []

    def test_a_key_that_is_not_ours_is_refused_and_nothing_is_written(self, store: MediaStore) -> None:
        for key in FOREIGN_KEYS:
            for verb in (store.open, store.delete, lambda key: put(store, key)):
                with pytest.raises(ValueError, match="not a key of ours"):
                    verb(key)
        assert list(store.keys("")) == []

    def test_a_beginning_that_is_not_ours_is_refused(self, store: MediaStore) -> None:
        for prefix in ("/", "../", "a/../", ".partial", "a//", "A"):
            with pytest.raises(ValueError, match="not a key of ours"):
                list(store.keys(prefix))

    def test_a_store_that_answers_is_ready_and_readiness_leaves_nothing_behind(self, store: MediaStore) -> None:
        assert store.ready()
        assert list(store.keys("")) == []

    def test_a_store_that_does_not_answer_says_so(self, broken: MediaStore) -> None:
        assert not broken.ready()
        for verb in (broken.open, lambda key: put(broken, key), lambda key: list(broken.keys("private/"))):
            with pytest.raises(StoreUnavailable):
                verb(KEY)

    def test_a_delete_that_did_not_reach_the_store_says_so(self, broken: MediaStore) -> None:
        with pytest.raises(StoreUnavailable):
            broken.delete(KEY)


class TestFiles:
    """What only files can suffer."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        return tmp_path / "deep" / "media"

    @pytest.fixture
    def store(self, root: Path) -> FileStore:
        return FileStore(root)

    def test_nobody_else_may_read_files_or_folders(self, store: FileStore, root: Path) -> None:
        before = os.umask(0)
        try:
            put(store, KEY)
        finally:
            os.umask(before)
        for path in [root, *root.rglob("*")]:
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)

    def test_file_and_name_are_on_the_disk_before_put_returns(
        self, store: FileStore, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(store, "private/0b6e/other")
        synced, really = [], os.fsync

        def recorded(descriptor: int) -> None:
            synced.append((os.fstat(descriptor).st_ino, (root / KEY).exists()))
            really(descriptor)

        monkeypatch.setattr(os, "fsync", recorded)
        put(store, KEY)
        path = root / KEY
        assert synced == [(path.stat().st_ino, False), (path.parent.stat().st_ino, True)]

    def test_the_folder_of_an_entry_goes_with_its_last_object(self, store: FileStore, root: Path) -> None:
        put(store, KEY)
        store.delete(KEY)
        assert {path.relative_to(root).as_posix() for path in root.rglob("*")} == {".partial", "private"}

    def test_an_object_killed_while_it_is_written_was_never_there(self, store: FileStore, root: Path) -> None:
        put(store, KEY, b"first version")
        program = (
            "import io, sys, time; from memes.storage import open_store\n"
            "class Endless(io.RawIOBase):\n"
            "    def read(self, size=-1):\n"
            "        print(flush=True); return b'half of a picture' * 5000\n"
            "open_store(sys.argv[1]).put(sys.argv[2], Endless())"
        )
        for key in (KEY, "private/0b6e/never"):
            child = subprocess.Popen(
                [sys.executable, "-c", program, f"file://{root}", key], cwd=ROOT, stdout=subprocess.PIPE
            )
            assert child.stdout is not None
            with child, child.stdout:
                for _ in range(5):
                    child.stdout.readline()
                child.send_signal(signal.SIGKILL)
        assert list(store.keys("")) == [KEY]
        assert bytes_of(store, KEY) == b"first version"
        assert len(list((root / ".partial").iterdir())) == 2
        assert store.sweep_leftovers(PAST) == 0
        assert store.sweep_leftovers(FUTURE) == 2
        assert not list((root / ".partial").iterdir())
        assert bytes_of(store, KEY) == b"first version"

    def test_a_source_that_breaks_off_leaves_nothing(self, store: FileStore, root: Path) -> None:
        class Broken(io.RawIOBase):
            def read(self, size: int = -1) -> bytes:
                if self.closed:
                    raise AssertionError
                self.close()
                raise ConnectionResetError

        with pytest.raises(StoreUnavailable):
            store.put(KEY, Broken())  # type: ignore[arg-type]
        assert list(store.keys("")) == []
        assert not list((root / ".partial").iterdir())

    def test_a_full_disk_is_unavailable_and_leaves_nothing(self, store: FileStore, root: Path) -> None:
        put(store, KEY, b"first version")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        try:
            with pytest.raises(StoreUnavailable):
                put(store, KEY, bytes(100_000))
            assert not store.ready()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert bytes_of(store, KEY) == b"first version"
        assert not list((root / ".partial").iterdir())

    def test_a_folder_that_is_away_is_unavailable_and_not_an_object_missing(self, store: FileStore) -> None:
        with pytest.raises(StoreUnavailable):
            store.open(KEY)

    def test_a_failure_is_told_without_the_path(self, tmp_path: Path) -> None:
        (tmp_path / "media").write_bytes(b"")
        with pytest.raises(StoreUnavailable) as failure:
            put(FileStore(tmp_path / "media"), KEY)
        assert "private" not in str(failure.value)
        assert str(tmp_path) not in str(failure.value)

    def test_a_link_that_leads_out_is_not_followed(self, store: FileStore, root: Path, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "secret").write_bytes(b"secret")
        put(store, KEY)
        (root / "private" / "folder").symlink_to(outside)
        (root / "private" / "file").symlink_to(outside / "secret")
        for key in ("private/folder/secret", "private/file"):
            for verb in (store.open, store.delete, lambda key: put(store, key)):
                with pytest.raises(ValueError, match="out of the store"):
                    verb(key)
        with pytest.raises(ValueError, match="out of the store"):
            list(store.keys("private/folder/"))
        assert list(store.keys("")) == [KEY]
        assert (outside / "secret").read_bytes() == b"secret"

    def test_a_link_to_the_whole_store_is_fine(self, root: Path, tmp_path: Path) -> None:
        root.mkdir(parents=True)
        (tmp_path / "link").symlink_to(root)
        store = FileStore(tmp_path / "link")
        put(store, KEY)
        assert bytes_of(store, KEY) == b"picture"
        assert list(store.keys("")) == [KEY]

    def test_foreign_files_in_the_folder_are_not_listed(self, store: FileStore, root: Path) -> None:
        put(store, KEY)
        for name in ("lost+found", ".DS_Store", "private/Thumbs.db"):
            (root / name).write_bytes(b"")
        assert list(store.keys("")) == [KEY]

    def test_neighbours_that_put_and_delete_in_one_folder_do_not_disturb_each_other(self, store: FileStore) -> None:
        failures: list[Exception] = []

        def come_and_go(name: str) -> None:
            try:
                for _ in range(100):
                    put(store, f"private/shared/{name}", name.encode())
                    assert bytes_of(store, f"private/shared/{name}") == name.encode()
                    store.delete(f"private/shared/{name}")
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=come_and_go, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert list(store.keys("")) == []


class TestS3:
    """What only S3 can be."""

    def test_neighbours_in_the_bucket_are_neither_listed_nor_reached(self, bucket: str, s3_store: S3Store) -> None:
        put(s3_store, KEY)
        assert list(s3_store.keys("")) == [KEY]
        assert set(S3Store(f"s3://{bucket}").keys("")) == {f"media/{KEY}", "mediaother/private/neighbour"}

    def test_a_listing_of_several_pages_is_read_in_full(
        self, bucket: str, s3_store: S3Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys = {f"renditions/{number}" for number in range(20)}
        for key in keys:
            put(s3_store, key)
        monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "7")  # in life a thousand
        assert set(s3_store.keys("renditions/")) == keys

    def test_there_are_no_leftovers_to_sweep(self, bucket: str, s3_store: S3Store) -> None:
        put(s3_store, KEY)
        assert s3_store.sweep_leftovers(FUTURE) == 0
        assert list(s3_store.keys("")) == [KEY]

    @pytest.mark.parametrize(
        "url",
        ["s3://", "s3:///media", "s3://ab", "s3://Bucket", "s3://key:secret@bucket/media", "s3://bucket:80/media",
         "s3://bucket/../up", "s3://bucket/Media", "s3://bucket/media?x=1", "s3://bucket/media#x"],
    )  # fmt: skip
    def test_an_address_that_cannot_work_is_named(self, url: str) -> None:
        with pytest.raises(ConfigurationError, match="MEDIA_URL"):
            open_store(url)

    def test_without_boto3_the_operator_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "boto3.session", None)
        with pytest.raises(ConfigurationError, match="boto3"):
            open_store("s3://bucket/media")

    def test_settings_of_the_service_that_cannot_work_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "not an address")
        with pytest.raises(ConfigurationError, match="AWS_"):
            open_store("s3://bucket/media")

    def test_without_credentials_the_store_is_not_ready(self, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        store = S3Store(f"s3://{bucket}/media")
        assert not store.ready()
        with pytest.raises(StoreUnavailable):
            put(store, KEY)


@pytest.mark.parametrize("folder", ["media", "a folder", "50% #1?", "صور"])
def test_the_path_behind_file_is_taken_as_it_is(tmp_path: Path, folder: str) -> None:
    put(open_store(f"file://{tmp_path / folder}"), KEY)
    assert (tmp_path / folder / KEY).read_bytes() == b"picture"


@pytest.mark.parametrize("url", ["", "media", "/srv/media", "file://media", "file://", "http://host/media", "S3://b"])
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="MEDIA_URL"):
        open_store(url)


def test_opening_a_store_touches_nothing(tmp_path: Path) -> None:
    open_store(f"file://{tmp_path / 'media'}")
    assert not list(tmp_path.iterdir())
