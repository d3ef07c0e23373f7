"""How many entries everybody can see, of each combination of what the gallery filters by (`memes/public_totals.py`).

Written by triggers, so that no way of writing can go past them, the program of the release before neither. A later migration that
makes `entries` anew makes them anew (`tests/memes/test_public_totals.py` looks).
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

COMBINATION = ("kind", "theme", "language", "age")
#: What of an entry changes a number.
WATCHED = "published_on, kind, theme, language, age, consent_schools, for_screen"

#: {row} is the entry before (OLD) or after (NEW). No entry of this combination any more: its row goes.
HERE = "kind = {row}.kind AND theme = {row}.theme AND language = {row}.language AND age = coalesce({row}.age, '')"
FEWER = """
UPDATE public_totals SET number = number - 1, in_schools = in_schools - {schools}, on_screen = on_screen - {screen} WHERE {here};
DELETE FROM public_totals WHERE {here} AND number = 0;
"""
#: On SQLite without any conflict: who writes "or ignore" would have a conflict in here ignored.
MORE_LITE = """
INSERT INTO public_totals SELECT NEW.kind, NEW.theme, NEW.language, coalesce(NEW.age, ''), 0, 0, 0
  WHERE NOT EXISTS (SELECT 1 FROM public_totals WHERE {here});
UPDATE public_totals SET number = number + 1, in_schools = in_schools + {schools}, on_screen = on_screen + {screen} WHERE {here};
"""
MORE = """
INSERT INTO public_totals VALUES (NEW.kind, NEW.theme, NEW.language, coalesce(NEW.age, ''), 1, {schools}, {screen})
  ON CONFLICT ON CONSTRAINT pk_public_totals DO UPDATE SET number = public_totals.number + 1,
  in_schools = public_totals.in_schools + excluded.in_schools, on_screen = public_totals.on_screen + excluded.on_screen;
"""
COUNT = """
INSERT INTO public_totals SELECT kind, theme, language, coalesce(age, ''), count(*),
  sum(CASE WHEN consent_schools THEN 1 ELSE 0 END), sum(CASE WHEN consent_schools AND for_screen THEN 1 ELSE 0 END)
FROM entries WHERE published_on IS NOT NULL GROUP BY 1, 2, 3, 4
"""


def upgrade() -> None:
    op.create_table(
        "public_totals",
        sa.Column("kind", sa.String(16), nullable=False), sa.Column("theme", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False), sa.Column("age", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("number", "in_schools", "on_screen")),
        sa.PrimaryKeyConstraint(*COMBINATION, name="pk_public_totals"),
    )  # fmt: skip
    _triggers_lite() if op.get_bind().dialect.name == "sqlite" else _triggers()
    op.execute(COUNT)  # nobody writes an entry between the triggers and this: both happen at once


def _triggers_lite() -> None:
    fewer, more = (_filled(words, row, "{}") for words, row in ((FEWER, "OLD"), (MORE_LITE, "NEW")))
    for name, event, row, change in (
        ("insert", "INSERT", "NEW", more), ("update_more", f"UPDATE OF {WATCHED}", "NEW", more),
        ("update_fewer", f"UPDATE OF {WATCHED}", "OLD", fewer), ("delete", "DELETE", "OLD", fewer),
    ):  # fmt: skip
        op.execute(f"CREATE TRIGGER public_totals_entries_{name} AFTER {event} ON entries "
                   f"WHEN {row}.published_on IS NOT NULL BEGIN {change} END")  # fmt: skip


def _triggers() -> None:
    op.execute(
        "CREATE FUNCTION public_totals_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        # Who brings back a whole database counts it once: every version of a row that one transaction has written is looked at by
        # its next change, so thousands of changes of one number take the square of their time.
        "IF current_setting('memes.public_totals', true) = 'counted' THEN RETURN NULL; END IF; "
        f"IF TG_OP <> 'INSERT' AND OLD.published_on IS NOT NULL THEN {_filled(FEWER, 'OLD', '({})::int')} END IF; "
        f"IF TG_OP <> 'DELETE' AND NEW.published_on IS NOT NULL THEN {_filled(MORE, 'NEW', '({})::int')} END IF; "
        "RETURN NULL; END $$"
    )
    # At the commit, after the trigger of `public_state`, whose name comes first: who changes these rows holds that one already, so
    # two who publish wait there, in a row, and never for each other.
    for event, when in (
        ("INSERT", "WHEN (NEW.published_on IS NOT NULL)"), ("DELETE", "WHEN (OLD.published_on IS NOT NULL)"),
        (f"UPDATE OF {WATCHED}", "WHEN (OLD.published_on IS NOT NULL OR NEW.published_on IS NOT NULL)"),
    ):  # fmt: skip
        op.execute(f"CREATE CONSTRAINT TRIGGER public_totals_entries_{event.split()[0].lower()} AFTER {event} ON entries "
                   f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when} EXECUTE FUNCTION public_totals_change()")  # fmt: skip
    op.execute("CREATE FUNCTION public_totals_end() RETURNS trigger LANGUAGE plpgsql AS $$ "
               "BEGIN DELETE FROM public_totals; RETURN NULL; END $$")  # fmt: skip
    op.execute("CREATE TRIGGER public_totals_entries_truncate AFTER TRUNCATE ON entries EXECUTE FUNCTION public_totals_end()")


def _filled(words: str, row: str, form: str) -> str:
    schools, screen = f"{row}.consent_schools", f"{row}.consent_schools AND {row}.for_screen"
    return words.format(here=HERE.format(row=row), schools=form.format(f"({schools})"), screen=form.format(f"({screen})"))
