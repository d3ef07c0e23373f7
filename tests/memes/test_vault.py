"""What is encrypted comes back to who has the key, in its own place, whole; and to nobody else."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memes import vault
from memes.errors import ConfigurationError, Unreadable
from memes.text import clean
from memes.vault import NO_KEYS, Keyring

KEY, OTHER = bytes(range(32)), bytes(32)


@given(st.binary(max_size=2_000), st.text(max_size=40))
def test_bytes_come_back(data: bytes, place: str) -> None:
    closed = vault.close(KEY, data, place)
    assert vault.opened(KEY, closed, place) == data
    assert len(closed) == len(data) + 40


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_words_come_back_and_look_like_nothing_that_can_be_typed(words: str) -> None:
    kept = vault.close_words(KEY, words, "here")
    assert vault.opened_words(KEY, kept, "here") == words
    assert kept.startswith(vault.MARK)
    assert vault.MARK not in clean(kept)


@pytest.mark.parametrize(
    "spoil",
    [lambda c: c[:-1], lambda c: c[:20], lambda c: b"", lambda c: c + b"x", lambda c: c[:50] + bytes([c[50] ^ 1]) + c[51:],
     lambda c: bytes([c[0] ^ 1]) + c[1:]],
)  # fmt: skip
def test_what_was_changed_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    closed = vault.close(KEY, b"a picture" * 9, "here")
    with pytest.raises(Unreadable):
        vault.opened(KEY, spoil(closed), "here")


def test_what_was_put_in_another_place_or_has_lost_its_key_is_refused() -> None:
    kept = vault.close_words(KEY, "كلام", "entries.text 1")
    for key, place in ((KEY, "entries.text 2"), (KEY, "entries.alt 1"), (OTHER, "entries.text 1"), (None, "entries.text 1")):
        with pytest.raises(Unreadable):
            vault.opened_words(key, kept, place)
    with pytest.raises(Unreadable):
        vault.opened_words(KEY, f"{vault.MARK}no base64!", "entries.text 1")
    assert vault.opened_words(None, "from before there were keys", "anywhere") == "from before there were keys"


def test_a_wrapped_key_opens_for_its_own_entry_with_any_key_of_the_ring() -> None:
    entry, key = uuid4(), vault.new_key()
    old, new = Keyring((OTHER,)), Keyring((KEY, OTHER))
    wrapped = old.wrap(entry, key)
    assert new.unwrap(entry, wrapped) == key
    assert new.names[1:] == old.names
    for ring, owner in ((Keyring((KEY,)), entry), (NO_KEYS, entry), (old, uuid4())):
        with pytest.raises(Unreadable):
            ring.unwrap(owner, wrapped)
    with pytest.raises(ConfigurationError):
        NO_KEYS.wrap(entry, key)


def test_a_keyring_is_read_from_hex_digits_and_never_shown() -> None:
    ring = Keyring.parse(f" {KEY.hex()},\n{OTHER.hex()} ", "THE_KEY")
    assert ring == Keyring((KEY, OTHER)) == Keyring.parse(ring.text, "THE_KEY")
    assert KEY.hex() not in repr(ring)
    for wrong in ("", KEY.hex()[:-2], KEY.hex() + "zz", f"{KEY.hex()};{OTHER.hex()}"):
        with pytest.raises(ConfigurationError, match="THE_KEY must be 64 hex digits"):
            Keyring.parse(wrong, "THE_KEY")
