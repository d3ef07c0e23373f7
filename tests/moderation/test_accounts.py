from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import accounts, attempts, passwords, second_factor
from moderation.accounts import AccountRefused
from moderation.attempts import TooManyTries
from moderation.models import Moderator, SignInAttempts
from moderation.passwords import PasswordRefused
from moderation.roles import Role
from tests.moderation.people import KEY, PASSWORD, code, moderator

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def guess(session: Session, email: str, password: str, now: datetime = NOON) -> str | int:
    """What a try at the first step comes to: `in`, `no`, or the seconds to wait."""
    try:
        return "in" if accounts.check_password(session, KEY, email, password, now) else "no"
    except TooManyTries as error:
        return error.wait


def test_an_address_is_kept_in_one_form(session: Session) -> None:
    made = moderator(session, email="  Salma.B@Example.ORG ")
    assert made.email == "salma.b@example.org"
    assert accounts.by_email(session, "SALMA.B@example.org") is made


@pytest.mark.parametrize(
    "email", ["", "salma", "salma@", "@example.org", "a b@example.org", "a@b", "x@" + "y" * 260 + ".org"]
)
def test_what_is_no_address_is_refused(session: Session, email: str) -> None:
    with pytest.raises(AccountRefused, match="email"):
        accounts.add(session, email, PASSWORD, Role.MODERATOR)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "length"),
        ("x1" * 65, "length"),
        ("reader@example.org", "email"),
        ("Motdepasse2026!", "common"),
        ("aaaaaaaaaaaaaa", "common"),
        ("123456789012", "common"),
        ("abcdefghijkl", "common"),
        ("Insta-Memes-2026", "common"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(session: Session, password: str, reason: str) -> None:
    with pytest.raises(PasswordRefused, match=reason):
        accounts.add(session, "reader@example.org", password, Role.MODERATOR)
    assert accounts.by_email(session, "reader@example.org") is None


@pytest.mark.parametrize(
    "password", ["كلمة مرور طويلة جدا", "été à Chefchaouen", "twelve chars", "é" * 5 + "abcdefg 42"]
)
def test_a_good_password_is_taken_in_any_script(session: Session, password: str) -> None:
    made = accounts.add(session, "reader@example.org", password, Role.MODERATOR)
    assert made.password_hash.startswith("$argon2id$")
    assert guess(session, "reader@example.org", password) == "in"


def test_the_same_letters_from_another_keyboard_are_the_same_password() -> None:
    assert passwords.verify(passwords.hashed("e\u0301te\u0301 à la mer"), "été à la mer")


def test_an_address_has_one_active_account(session: Session) -> None:
    moderator(session, email="reader@example.org")
    with pytest.raises(AccountRefused, match="known"):
        accounts.add(session, "READER@example.org", PASSWORD, Role.ADMIN)


def test_a_disabled_account_comes_back_with_everything_new_but_its_id(session: Session) -> None:
    made = moderator(session, email="reader@example.org")
    before = (made.id, made.totp_seed, made.session_epoch)
    accounts.disable(session, made)
    assert guess(session, made.email, PASSWORD) == "no"
    back = accounts.add(session, made.email, "un tout autre secret", Role.SAFEGUARDING)
    assert back.id == before[0]
    assert back.totp_seed != before[1]
    assert back.session_epoch > before[2]
    assert back.role is Role.SAFEGUARDING
    assert guess(session, made.email, PASSWORD) == "no"
    assert guess(session, made.email, "un tout autre secret") == "in"


def test_five_failures_are_free_then_each_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    assert [attempts.wait_after(failures) for failures in range(1, 13)] == [
        0,
        0,
        0,
        0,
        30,
        60,
        120,
        240,
        480,
        900,
        900,
        900,
    ]
    assert attempts.wait_after(10_000) == 900


def test_known_disabled_and_unknown_addresses_answer_alike(session: Session) -> None:
    moderator(session, email="known@example.org")
    accounts.disable(session, moderator(session, email="disabled@example.org"))
    seconds = [0, 1, 2, 3, 4, 5, 20, 36, 37, 96, 98]
    told = {
        email: [guess(session, email, "a wrong password", NOON + timedelta(seconds=second)) for second in seconds]
        for email in ("known@example.org", "disabled@example.org", "unknown@example.org")
    }
    assert told["known@example.org"] == told["disabled@example.org"] == told["unknown@example.org"]
    assert told["known@example.org"] == ["no"] * 5 + [29, 14, "no", 59, "no", 118]


def test_the_right_password_does_not_shorten_the_wait(session: Session) -> None:
    made = moderator(session)
    for _ in range(5):
        guess(session, made.email, "a wrong password")
    assert guess(session, made.email, PASSWORD) == 30
    assert guess(session, made.email, PASSWORD, NOON + timedelta(seconds=30)) == "in"


def test_one_account_s_wait_is_not_another_s(session: Session) -> None:
    first, second = moderator(session), moderator(session)
    for _ in range(5):
        guess(session, first.email, "a wrong password")
    assert guess(session, second.email, PASSWORD) == "in"


def test_failures_at_the_code_count_with_those_at_the_password(session: Session) -> None:
    made = moderator(session)
    for _ in range(3):
        guess(session, made.email, "a wrong password")
    for _ in range(2):
        assert guess(session, made.email, PASSWORD) == "in"
        assert not accounts.check_code(session, KEY, made, "000000", NOON)
    with pytest.raises(TooManyTries):
        accounts.check_code(session, KEY, made, code(made, NOON), NOON)
    assert guess(session, made.email, PASSWORD) == 30


def test_signing_in_forgets_the_failures(session: Session) -> None:
    made = moderator(session)
    for _ in range(4):
        guess(session, made.email, "a wrong password")
    assert guess(session, made.email, PASSWORD) == "in"
    assert accounts.check_code(session, KEY, made, code(made, NOON), NOON)
    assert [guess(session, made.email, "a wrong password") for _ in range(5)] == ["no"] * 5


def test_failures_are_forgotten_after_a_day(session: Session) -> None:
    for _ in range(9):
        guess(session, "nobody@example.org", "a wrong password")
    later = NOON + timedelta(days=1, hours=1)
    assert [guess(session, "nobody@example.org", "a wrong password", later) for _ in range(5)] == ["no"] * 5
    guess(session, "other@example.org", "a wrong password", later + timedelta(days=2))
    assert len(session.scalars(select(SignInAttempts)).all()) == 1


def test_the_table_of_failures_holds_no_address(session: Session) -> None:
    guess(session, "nobody@example.org", "a wrong password")
    row = session.scalars(select(SignInAttempts)).one()
    assert len(row.key) == 32
    assert row.key != attempts.key_of("another server's key", "nobody@example.org")


def test_a_code_is_good_for_its_step_and_the_two_beside_it(session: Session) -> None:
    for steps, good in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        made = moderator(session)
        assert accounts.check_code(session, KEY, made, code(made, NOON, steps), NOON) is good


def test_a_code_works_once(session: Session) -> None:
    made = moderator(session)
    used = code(made, NOON)
    assert accounts.check_code(session, KEY, made, used, NOON)
    assert not accounts.check_code(session, KEY, made, used, NOON)
    assert not accounts.check_code(session, KEY, made, code(made, NOON, -1), NOON), "nor does an older one"
    assert accounts.check_code(session, KEY, made, code(made, NOON, 1), NOON)


def test_a_code_may_be_typed_with_spaces_or_arabic_digits(session: Session) -> None:
    made = moderator(session)
    typed = code(made, NOON)
    arabic = typed.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert accounts.check_code(session, KEY, made, f" {arabic[:3]} {arabic[3:]} ", NOON)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "²²²²²²", "12345６"])
def test_what_is_no_code_is_refused(session: Session, typed: str) -> None:
    assert not accounts.check_code(session, KEY, moderator(session), typed, NOON)


def test_the_secret_of_the_second_factor_is_not_in_the_database(session: Session) -> None:
    made = moderator(session)
    assert second_factor.secret(KEY, made.totp_seed) != second_factor.secret("another key", made.totp_seed)


def test_disabling_and_a_new_second_factor_end_the_sessions(session: Session) -> None:
    made = moderator(session)
    epoch = made.session_epoch
    assert accounts.signed_in(session, made.id, epoch) is made
    accounts.reset_second_factor(session, made)
    assert accounts.signed_in(session, made.id, epoch) is None
    epoch = made.session_epoch
    accounts.disable(session, made)
    assert accounts.signed_in(session, made.id, epoch) is None
    assert accounts.signed_in(session, made.id, made.session_epoch) is None


def test_everybody_is_listed_by_address(session: Session) -> None:
    for email in ("b@example.org", "a@example.org"):
        moderator(session, email=email)
    assert [one.email for one in accounts.everybody(session)] == ["a@example.org", "b@example.org"]
    assert isinstance(accounts.everybody(session)[0], Moderator)
