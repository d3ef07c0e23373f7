"""One random word that is another one after every change of what public pages show (`memes/public_state.py`).

Written by triggers, so that no way of writing can go past them: verbs, commands, batches, backups, a hand at the console. A later
migration that makes one of these tables anew makes its triggers anew (`tests/memes/test_kept.py` looks).
"""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

#: Table -> what of it can be seen by everybody ({} is the row, before or after), and of which events. A key that comes shows
#: nothing: what could not be opened without it was on no page. So what is sent and waits changes no word.
ALWAYS = ("INSERT", "UPDATE", "DELETE")
WATCHED = {
    "entries": ("{}.published_on IS NOT NULL", ALWAYS), "entry_keys": ("", ("UPDATE", "DELETE")),
    "articles": ("", ALWAYS), "article_versions": ("", ALWAYS), "attachments": ("", ALWAYS),
    "collections": ("", ALWAYS), "collection_items": ("", ALWAYS),
    "help_confirmations": ("", ALWAYS), "monthly_figures": ("", ALWAYS), "settings": ("", ALWAYS),
}  # fmt: skip
ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

#: Once in a transaction is enough.
FUNCTION = """
CREATE FUNCTION public_state_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('memes.public_state', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    PERFORM set_config('memes.public_state', pg_current_xact_id()::text, true);
    INSERT INTO public_state (id, word) VALUES (1, replace(gen_random_uuid()::text, '-', ''))
      ON CONFLICT (id) DO UPDATE SET word = excluded.word;
  END IF;
  RETURN NULL;
END $$
"""
#: Two statements, so that there is no conflict: who writes "or ignore" would have this one ignored.
CHANGE = "DELETE FROM public_state; INSERT INTO public_state VALUES (1, lower(hex(randomblob(16))))"


def upgrade() -> None:
    op.create_table(
        "public_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_public_state"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(FUNCTION)
    for table, (seen, events) in WATCHED.items():
        for event in events:
            when = f"WHEN ({' OR '.join(seen.format(row) for row in ROWS[event])})" if seen else ""
            name = f"public_state_{table}_{event.lower()}"
            if sqlite:
                op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} {when} BEGIN {CHANGE}; END")
            else:
                # At the commit: its row is locked last and shortest, and nobody waits for it who holds what others wait for.
                op.execute(
                    f"CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON {table} DEFERRABLE INITIALLY DEFERRED "
                    f"FOR EACH ROW {when} EXECUTE FUNCTION public_state_changes()"
                )
        if not sqlite:
            op.execute(f"CREATE TRIGGER public_state_{table}_truncate AFTER TRUNCATE ON {table} "
                       "EXECUTE FUNCTION public_state_changes()")  # fmt: skip
    op.bulk_insert(sa.table("public_state", sa.column("id"), sa.column("word")), [{"id": 1, "word": token_hex(16)}])
