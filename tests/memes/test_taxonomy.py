from memes.taxonomy import taxonomy
from memes.web import LANGUAGES


def test_every_reason_advises_the_desk_in_each_language() -> None:
    for reason in taxonomy().reasons.values():
        notes = [reason.moderator_note[lang] for lang in LANGUAGES]
        assert all(notes), reason.id
        assert len(set(notes)) == len(notes), reason.id
