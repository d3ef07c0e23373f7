"""Pictures as objects in any S3-compatible store, through boto3, which is installed only where it is used."""

import importlib
import io
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from memes.errors import ConfigurationError, StoreUnavailable
from memes.storage import KEY, PREFIX, require

#: Seconds, and tries in all. A picture of 15 MB takes about 2 s at 60 Mbit/s; a person waits, so no more than twice.
_CONNECT_TIMEOUT, _READ_TIMEOUT, _TRIES = 3, 15, 2
#: Bytes of what is encrypted on its way that are kept in memory; more lies, encrypted, in the temporary folder.
_IN_MEMORY = 1_000_000


class S3Store:
    """Objects in a bucket, under a prefix. Address and credentials of the service come from boto3's own settings.

    The bucket must not keep old versions, or what a child withdrew would stay.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        folder = parts.path.strip("/")
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc) or parts.query or parts.fragment:
            raise ConfigurationError("MEDIA_URL must look like s3://bucket/prefix, with nothing before or behind.")
        if folder and not KEY.fullmatch(folder):
            raise ConfigurationError("The prefix in MEDIA_URL may hold small letters, digits and . _ - / only.")
        self._bucket = parts.netloc
        self._folder = f"{folder}/" if folder else ""
        self._client, self._failures = _s3_client()

    def put(self, key: str, source: BinaryIO) -> None:
        """Write from where `source` stands to its end; the service takes it whole or not at all, and is told its length first."""
        if source.seekable():
            self._ask(self._client.put_object, key, Body=source)
            return
        with SpooledTemporaryFile(_IN_MEMORY) as body:
            shutil.copyfileobj(source, body)
            body.seek(0)
            self._ask(self._client.put_object, key, Body=body)

    def open(self, key: str) -> BinaryIO:
        """The object, held in memory: no original shall leave a copy on this disk. Raises KeyError if there is none."""
        with self._failures_as_unavailable():
            return io.BytesIO(self._ask(self._client.get_object, key)["Body"].read())

    def delete(self, key: str) -> None:
        """Remove the object; nothing happens if there is none."""
        self._ask(self._client.delete_object, key)

    def keys(self, prefix: str, before: datetime | None = None) -> Iterator[str]:
        """Keys that begin with `prefix`; `before` is compared with the service's time of writing."""
        require(PREFIX, prefix)
        pages = self._client.get_paginator("list_objects_v2")
        with self._failures_as_unavailable():
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._folder + prefix):
                for entry in page.get("Contents", ()):
                    key = entry["Key"].removeprefix(self._folder)
                    if KEY.fullmatch(key) and (before is None or entry["LastModified"] < before):
                        yield key

    def sweep_leftovers(self, before: datetime) -> int:
        """Nothing to do: the service keeps no half-written objects of a single request."""
        return 0

    def ready(self) -> bool:
        """Whether the bucket answers. Nothing is written: checks come every few seconds, and writing costs money."""
        try:
            with self._failures_as_unavailable():
                self._client.head_bucket(Bucket=self._bucket)
        except StoreUnavailable:
            return False
        return True

    def _ask(self, call: Callable[..., Any], key: str, **what: Any) -> Any:
        require(KEY, key)
        with self._failures_as_unavailable(key):
            return call(Bucket=self._bucket, Key=self._folder + key, **what)

    @contextmanager
    def _failures_as_unavailable(self, key: str = "") -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
            if key and code == "NoSuchKey":
                raise KeyError(key) from None
            raise StoreUnavailable(f"S3: {code or type(error).__name__}") from error


def _s3_client() -> tuple[Any, tuple[type[Exception], ...]]:
    """A client with short timeouts, and what its calls may raise."""
    try:
        session = importlib.import_module("boto3.session")
    except ImportError as error:
        raise ConfigurationError("MEDIA_URL=s3://… needs boto3. Install it with: pip install boto3") from error
    exceptions = importlib.import_module("botocore.exceptions")
    config = importlib.import_module("botocore.config").Config(
        connect_timeout=_CONNECT_TIMEOUT,
        read_timeout=_READ_TIMEOUT,
        retries={"total_max_attempts": _TRIES, "mode": "standard"},
        # The newer checksums are refused by many stores that are not Amazon's.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        # A session of our own: the default one is shared by the whole process and not made for threads.
        return session.Session().client("s3", config=config), (exceptions.BotoCoreError, exceptions.ClientError)
    except (exceptions.BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"The S3 settings of boto3 (AWS_…) cannot work: {error}") from error
