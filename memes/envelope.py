"""The age envelope (age-encryption.org/v1) around what leaves this machine: keys that make and open it, and streams through it."""

import os
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, BinaryIO

import pyrage

from memes.errors import BackupUnusable


def new_key() -> tuple[str, str]:
    """A fresh key pair: the secret one (`AGE-SECRET-KEY-…`, opens backups) and the public one (`age1…`, makes them)."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(text: str) -> pyrage.x25519.Recipient:
    """A public key; BackupUnusable for what is none."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BackupUnusable("This is no public key: it must begin with age1.") from None


def identity_of(text: str) -> pyrage.x25519.Identity:
    """A secret key; BackupUnusable for what is none."""
    try:
        return pyrage.x25519.Identity.from_str(text.strip())
    except pyrage.IdentityError:
        raise BackupUnusable("This is no secret key: it must begin with AGE-SECRET-KEY-.") from None


@contextmanager
def encrypting(file: IO[bytes], key: pyrage.x25519.Recipient) -> Iterator[BinaryIO]:
    """What is written goes encrypted to `file`."""
    reading, writing = os.pipe()
    with _beside(lambda near: pyrage.encrypt_io(near, file, [key]), open(reading, "rb"), open(writing, "wb")) as plain:
        yield plain


@contextmanager
def decrypting(file: IO[bytes], key: pyrage.x25519.Identity) -> Iterator[BinaryIO]:
    """What is read comes decrypted out of `file`."""
    reading, writing = os.pipe()
    with _beside(lambda near: pyrage.decrypt_io(file, near, [key]), open(writing, "wb"), open(reading, "rb")) as plain:
        yield plain


@contextmanager
def _beside(work: Callable[[BinaryIO], object], near: BinaryIO, far: BinaryIO) -> Iterator[BinaryIO]:
    """Run `work` on one end of a pipe in a thread while the block uses the other end; what it raises, the block raises."""

    def run() -> None:
        with near:
            work(near)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(run)
        try:
            yield far
        except tarfile.TarError:
            done.result()  # the true cause, if that was it
            raise
        finally:
            with suppress(BrokenPipeError):
                far.close()
        done.result()
