"""What teachers of the demo have left: two collections, one of which the team has read, a class code in use and a wish for one."""

from memes import classes, collections, published
from memes.collections import Wording
from memes.db import Database
from memes.school_models import Words

#: Entries in the collection.
_PICKED = 5


def leave(database: Database, secret_key: str) -> tuple[str, str]:
    """Do so; the short address of the collection, and the code."""
    with database.writing() as session:
        cards = published.published_page(session, schools=True, limit=_PICKED).cards
        shown = Wording("حصة أولى عن الشاشة وما وراءها", "خمس مشاركات لبداية النقاش: ماذا نرى، وماذا نفعل؟", "ar",
                        notes={str(cards[0].id): "من أين نبدأ؟ سؤال واحد يكفي."})  # fmt: skip
        waiting = Wording("Des mots qui font du bien", "Pour finir la semaine.", "fr")
        made = []
        for wording in (shown, waiting):
            collection, _key = collections.begin(session, secret_key, wording)
            for card in cards:
                collections.add(session, collection, card.id)
            collections.write(session, collection, wording)
            made.append(collection)
        collections.judge(session, made[0].short, Words.SHOWN, seen=made[0].version)
        classes.ask(session, secret_key, region="MA-07", age="9-11", expected=28)
        wish, _key = classes.ask(session, secret_key, region="MA-04", age="12-14", expected=36)
        return made[0].short, classes.grant(session, wish.id).code or ""
