"""A box that two people open together, away from the server: libsodium's sealed box for one, inside one for the other.

The server knows two public keys and can close boxes, never open one. Needs no database and no settings, so that the same program
opens a box on a machine without a network.
"""

import io
import re
import tarfile
from dataclasses import dataclass
from itertools import permutations

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from memes.errors import ConfigurationError, Unreadable

#: How a box begins.
MARK = b"instamemes sealed 1\n"

_PUBLIC, _SECRET = "seal-public-", "SEAL-SECRET-"


@dataclass(frozen=True, slots=True)
class Holders:
    """The public keys of the two who hold what opens a box."""

    keys: tuple[bytes, bytes]

    @classmethod
    def parse(cls, text: str, name: str) -> "Holders":
        """Two different public keys, apart by a comma; ConfigurationError, which calls them `name`, for anything else."""
        found = [re.fullmatch(f"{_PUBLIC}([0-9a-f]{{64}})", one.strip()) for one in text.split(",")]
        keys = [bytes.fromhex(one[1]) for one in found if one]
        if len(found) != 2 or len(set(keys)) != 2:
            raise ConfigurationError(f"{name} must be two public keys of two people: `instamemes seal-key` makes them.")
        return cls((keys[0], keys[1]))

    def close(self, files: dict[str, bytes]) -> bytes:
        """A box with files in it, by name."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for name, data in files.items():
                member = tarfile.TarInfo(name)  # no time, no owner
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
        data = packed.getvalue()
        for key in self.keys:
            data = SealedBox(PublicKey(key)).encrypt(data)
        return MARK + data


def new_key() -> tuple[str, str]:
    """A fresh pair: the secret key, which stays with its holder, and the public one."""
    pair = PrivateKey.generate()
    return _SECRET + bytes(pair).hex(), _PUBLIC + bytes(pair.public_key).hex()


def opened(box: bytes, secrets: tuple[str, str]) -> dict[str, bytes]:
    """The files in a box, by name. Raises Unreadable unless both keys fit and nothing was changed; their order is no matter."""
    found = [re.fullmatch(f"{_SECRET}([0-9a-f]{{64}})", one.strip()) for one in secrets]
    if not all(found) or not box.startswith(MARK):
        raise Unreadable("This is no box, or one of the keys is none.")
    for pair in permutations(SealedBox(PrivateKey(bytes.fromhex(one[1]))) for one in found if one):
        data = box[len(MARK) :]
        try:
            for key in pair:
                data = key.decrypt(data)
        except CryptoError:
            continue
        return _files(data)
    raise Unreadable("These two keys do not open this box.")


def _files(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = {member.name: archive.extractfile(member) for member in archive}
    return {name: stream.read() for name, stream in members.items() if stream and re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name)}
