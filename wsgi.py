"""Composition root: the only place that knows every package. `granian --interface wsgi wsgi:app`, or `instamemes up`."""

from typing import Any

from flask import Flask

import moderation
from memes import assets, guard, health, kept, output, pages, web
from memes.api import views as api
from memes.campaign import views as campaign
from memes.campaign.articles import views as articles
from memes.campaign.figures import views as figures
from memes.cli import cli
from memes.counts import Counts
from memes.db import Database
from memes.gallery import views as gallery
from memes.gallery.embed import views as embed
from memes.gallery.feeds import views as feeds
from memes.gallery.sitemap import views as sitemap
from memes.gate import Gate
from memes.intake import views as intake
from memes.limits import Limiter
from memes.ports import MediaStore, Press, TaskQueue
from memes.schools import views as schools
from memes.schools.codes import views as codes
from memes.schools.collections import views as collections
from memes.schools.lessons import views as lessons
from memes.schools.packs import views as packs
from memes.schools.posters import views as posters
from memes.settings import Settings
from memes.storage import open_store
from moderation.cli import audit, moderators
from workers.cli import demo, metrics, sweep
from workers.dispatch import CeleryQueue
from workers.press import CagedPress

__all__ = ["cli", "create_app"]

for command in (moderators, audit, sweep, demo, metrics):
    cli.add_command(command)


def create_app(settings: Settings, *, media: MediaStore | None = None, queue: TaskQueue | None = None,
               press: Press | None = None) -> Flask:  # fmt: skip
    """The web application. `media`, `queue` and `press` replace the ones that the settings name."""
    app = Flask("memes", root_path=str(web.ROOT), static_folder=None, template_folder=str(web.ROOT / "templates"))
    guard.use(settings.home)
    limiter = Limiter(settings.redis_url, enabled=settings.limits)
    database = Database(settings.database_url, settings.entry_keys, settings.replica_url)
    kept.init_app(app, database)
    web.init_app(
        app,
        web.Parts(
            settings=settings,
            database=database,
            media=media or open_store(settings.media_url),
            queue=queue or CeleryQueue(settings),
            limiter=limiter,
            gate=Gate(limiter, settings.secret_key),
            press=press or CagedPress(settings.home),
            counts=Counts(settings.redis_url),
        ),
    )
    pages.init_app(app)
    rooms = (
        assets, health, campaign, articles, figures, intake, gallery, embed, feeds, sitemap, schools, codes, collections, lessons,
        packs, posters, api,
    )  # fmt: skip
    for views in rooms:
        app.register_blueprint(views.bp)
    moderation.init_app(app)
    return app


def __getattr__(name: str) -> Any:
    """`wsgi:app`, made when a server asks for it: importing this module reads no environment."""
    if name != "app":
        raise AttributeError(name)
    output.use()
    app = create_app(Settings.from_env())
    globals()["app"] = app
    return app
