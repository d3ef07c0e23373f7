"""A box opens for both holders together, for nobody else, and on a machine where nothing else of the platform is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from memes import seals
from memes.cli import cli
from memes.errors import ConfigurationError, Unreadable
from memes.seals import Holders

A, B, STRANGER = (seals.new_key() for _ in range(3))
HOLDERS = Holders.parse(f"{A[1]},{B[1]}", "KEYS")


@given(st.dictionaries(st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True), st.binary(max_size=400), max_size=4))
def test_what_is_closed_comes_out_for_both_in_either_order(files: dict[str, bytes]) -> None:
    box = HOLDERS.close(files)
    assert seals.opened(box, (A[0], B[0])) == seals.opened(box, (B[0], A[0])) == files


def test_one_holder_alone_a_stranger_and_public_keys_open_nothing() -> None:
    box = HOLDERS.close({"words.json": b"canary"})
    assert b"canary" not in box
    for pair in ((A[0], A[0]), (B[0], B[0]), (A[0], STRANGER[0]), (A[1], B[1]), (A[0], "")):
        with pytest.raises(Unreadable):
            seals.opened(box, pair)


@pytest.mark.parametrize("spoil", [lambda box: box[:-1], lambda box: box[:40], lambda box: b"", lambda box: b"x" + box,
                                   lambda box: box[:-9] + bytes([box[-9] ^ 1]) + box[-8:]])  # fmt: skip
def test_a_box_that_was_changed_stays_shut(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unreadable):
        seals.opened(spoil(HOLDERS.close({"words.json": b"x" * 60})), (A[0], B[0]))


def test_anything_but_two_public_keys_is_refused() -> None:
    for text in ("", A[1], f"{A[1]},{A[1]}", f"{A[0]},{B[0]}", f"{A[1]},{B[1]},{STRANGER[1]}", "a,b"):
        with pytest.raises(ConfigurationError, match="THE_KEYS must be two public keys"):
            Holders.parse(text, "THE_KEYS")


def test_two_people_make_keys_and_open_a_box_without_settings_or_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INSTAMEMES_ENV", "production")  # whose settings are not there
    public = []
    for name in ("a", "b"):
        said = CliRunner().invoke(cli, ["seal-key", name])
        assert said.exit_code == 0, said.output
        public.append(said.output.split()[-1])
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    Path("box").write_bytes(Holders.parse(",".join(public), "KEYS").close({"words.json": b"{}", "1600.webp": b"RIFF"}))
    alone = CliRunner().invoke(cli, ["unseal", "box", "--key", "a", "--into", "out"])
    assert (alone.exit_code, "Both keys are needed" in alone.output) == (1, True)
    wrong = CliRunner().invoke(cli, ["unseal", "box", "--key", "a", "--key", "a", "--into", "out"])
    assert (wrong.exit_code, Path("out").exists()) == (1, False)
    done = CliRunner().invoke(cli, ["unseal", "box", "--key", "b", "--key", "a", "--into", "out"])
    assert done.exit_code == 0, done.output
    assert Path("out/1600.webp").read_bytes() == b"RIFF"
    assert "SHA-256" in done.output
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "box", "out"}, "nothing else was made"
