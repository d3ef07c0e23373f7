"""A form's files stay where they lie: in the body, which is in a file already (`bodies`). Known to `web` alone.

Werkzeug's decoder finds the parts; its parser would copy each file into a second one without a name. Here a file is a
stretch of the body, and no byte of it is written again before it is kept.
"""

import io
from collections.abc import Iterator
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser, MultiPartParser
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

_BLOCK = 64 * 1024


class Stretch(io.BufferedIOBase):
    """Some bytes of a file, as if they were all there is. Several may lie in one file: each knows where it stands."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where it stands."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Stand elsewhere, never before the beginning."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes, or all that are left."""
        left = max(0, self._size - self._at)
        self._file.seek(self._start + self._at)
        data = self._file.read(left if size is None or size < 0 else min(size, left))
        self._at += len(data)
        return data


def parser_of(request: Request) -> FormDataParser:
    """What reads the form of this request."""
    body = request.environ["wsgi.input"]
    kind = partial(PartsInPlace, body) if isinstance(body, SpooledTemporaryFile) else FormDataParser
    return kind(
        max_form_memory_size=request.max_form_memory_size, max_content_length=request.max_content_length,
        max_form_parts=request.max_form_parts, cls=request.parameter_storage_class,
    )  # fmt: skip


class PartsInPlace(FormDataParser):
    """Reads a form from a `body` that lies in a file, from its beginning; what is no multipart form, as ever."""

    def __init__(self, body: IO[bytes], **limits: Any) -> None:
        super().__init__(**limits)
        self._body = body

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:  # fmt: skip
        """As in Werkzeug: `stream`, fields, files; both empty where the form is broken."""
        if mimetype != "multipart/form-data":
            return super().parse(stream, mimetype, content_length, options)
        try:
            parts = list(self._parts(stream, (options or {}).get("boundary", "").encode("ascii")))
        except ValueError:
            parts = []
        fields = [(name, found) for name, found in parts if isinstance(found, str)]
        files = [(name, found) for name, found in parts if not isinstance(found, str)]
        return stream, self.cls(fields), self.cls(files)

    def _parts(self, stream: IO[bytes], boundary: bytes) -> Iterator[tuple[str, str | FileStorage]]:
        if not boundary:
            raise ValueError("no boundary")
        decoder = MultipartDecoder(boundary, self.max_form_memory_size, max_parts=self.max_form_parts)
        block, end = b"begin", b"--" + boundary
        read, size, goes_on = 0, 0, False
        while block:
            block = stream.read(_BLOCK)
            read += len(block)
            decoder.receive_data(block or None)
            if goes_on and block and decoder.buffer.find(end) < 0:
                # No end in sight: all of it is the file's, but for what may be the beginning of one. The decoder says the
                # same at six times the price, for it copies what it finds.
                sure = max(0, len(decoder.buffer) - len(end) - 2)
                size, decoder.buffer = size + sure, decoder.buffer[sure:]
                continue
            while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
                if isinstance(event, Field | File):
                    # What the decoder holds now begins with the end of the part's head, and ends where we have read to.
                    start = read - len(decoder.buffer) + (2 if decoder.buffer.startswith(b"\r\n") else 1)
                    part, size, words = event, 0, list[bytes]()
                elif isinstance(event, Data):
                    size, goes_on = size + len(event.data), event.more_data and isinstance(part, File)
                    if isinstance(part, Field):
                        self._bound(size)
                        words.append(event.data)
                    if not event.more_data:
                        yield part.name, self._finished(part, b"".join(words), start, size)

    def _bound(self, size: int) -> None:
        if self.max_form_memory_size is not None and size > self.max_form_memory_size:
            raise RequestEntityTooLarge

    def _finished(self, part: Field | File, words: bytes, start: int, size: int) -> str | FileStorage:
        if isinstance(part, Field):
            return words.decode(MultiPartParser().get_part_charset(part.headers), "replace")
        file = cast(IO[bytes], Stretch(self._body, start, size))
        return FileStorage(file, part.filename, part.name, headers=part.headers)
