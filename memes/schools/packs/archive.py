"""A zip that tells nothing about when it was made: the same content is the same bytes."""

import hashlib
import io
import zipfile

#: The first moment that a zip can name.
_WHEN = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3

#: What is compressed already.
_TIGHT = (".webp", ".jpg", ".png", ".woff2")


class Archive:
    """A zip being made; names and SHA-256 of what is in it."""

    def __init__(self) -> None:
        self._made = io.BytesIO()
        self._zip = zipfile.ZipFile(self._made, "w")
        #: Name -> SHA-256 in hex, in the order of writing.
        self.files: dict[str, str] = {}

    def add(self, name: str, content: bytes | str) -> None:
        """One file more. Text is UTF-8."""
        data = content.encode() if isinstance(content, str) else content
        info = zipfile.ZipInfo(name, _WHEN)
        info.external_attr, info.create_system = _PLAIN_FILE, _UNIX
        info.compress_type = zipfile.ZIP_STORED if name.endswith(_TIGHT) else zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w") as target:
            target.write(data)
        self.files[name] = hashlib.sha256(data).hexdigest()

    def whole(self) -> bytes:
        """All of it; nothing can be added any more."""
        self._zip.close()
        return self._made.getvalue()
