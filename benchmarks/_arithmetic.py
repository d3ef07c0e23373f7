"""From what one thing costs to what many cost. What was not measured is an assumption, and stands in ASSUMED with its name."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import ceil

HOUR, MONTHS = 3600, 12


@dataclass(frozen=True)
class Costs:
    """Measured: seconds of a core, and bytes."""

    page_made: float
    page_kept: float
    page_in_database: float
    story_sent: float
    picture_sent: float
    picture_cleaned: float
    page_bytes: float
    picture_shown_bytes: float
    picture_stored_bytes: float
    entry_in_database_bytes: float


@dataclass(frozen=True)
class Assumed:
    """Guesses, each to be replaced by what a campaign really is."""

    share_with_picture: float = 0.6
    visits_for_each_entry: float = 20
    pages_in_a_visit: float = 6
    pictures_in_a_visit: float = 30
    share_of_pages_kept: float = 0.9
    days_of_a_campaign_year: float = 200
    busiest_day_to_mean: float = 5
    share_of_a_day_in_its_busiest_hour: float = 0.2
    launch_day_entries: float = 50_000
    launch_day_visits: float = 1_000_000
    launch_share_in_the_busiest_hour: float = 0.33
    load_that_leaves_room: float = 0.5
    seconds_to_read_an_entry: float = 45
    hours_of_reading_a_day: float = 4
    euro_for_a_core_a_month: float = 10
    euro_for_a_gb_in_the_database_a_month: float = 0.1
    euro_for_a_gb_of_pictures_a_month: float = 0.02
    euro_for_a_tb_sent: float = 5
    euro_for_an_hour_of_reading: float = 8
    small_cores: float = 2
    small_gb: float = 80
    small_mbit: float = 200
    small_readers: float = 2


ASSUMED = Assumed()


@dataclass(frozen=True)
class Load:
    """What a year, or a day, asks for. Cores and Mbit are those of the busiest hour, with room left; people those of that day."""

    web_cores: float
    worker_cores: float
    database_cores: float
    mbit: float
    database_gb: float
    pictures_gb: float
    sent_tb: float
    reading_hours: float
    readers: float

    @property
    def cores(self) -> float:
        """All of them."""
        return self.web_cores + self.worker_cores + self.database_cores


def year(entries: float, costs: Costs, told: Assumed = ASSUMED) -> Load:
    """A campaign year with so many entries."""
    share = told.busiest_day_to_mean / told.days_of_a_campaign_year
    visits = entries * told.visits_for_each_entry
    return _load(entries, visits, entries * share, visits * share, told.share_of_a_day_in_its_busiest_hour, costs, told)


def launch(costs: Costs, told: Assumed = ASSUMED) -> Load:
    """The day on which everybody hears of it."""
    entries, visits = told.launch_day_entries, told.launch_day_visits
    return _load(entries, visits, entries, visits, told.launch_share_in_the_busiest_hour, costs, told)


def _load(
    entries: float, visits: float, day_entries: float, day_visits: float, share: float, costs: Costs, told: Assumed
) -> Load:  # fmt: skip
    hour_entries, hour_visits = day_entries * share, day_visits * share
    pages, pictures = hour_visits * told.pages_in_a_visit, told.share_with_picture
    sending = costs.story_sent * (1 - pictures) + costs.picture_sent * pictures
    made = 1 - told.share_of_pages_kept
    busy = HOUR * told.load_that_leaves_room
    each_visit = told.pages_in_a_visit * costs.page_bytes + told.pictures_in_a_visit * costs.picture_shown_bytes
    hours = entries * told.seconds_to_read_an_entry / HOUR
    return Load(
        web_cores=(pages * (made * costs.page_made + told.share_of_pages_kept * costs.page_kept) + hour_entries * sending) / busy,
        worker_cores=hour_entries * pictures * costs.picture_cleaned / busy,
        database_cores=pages * made * costs.page_in_database / busy,
        mbit=hour_visits * each_visit * 8 / 1e6 / HOUR / told.load_that_leaves_room,
        database_gb=entries * costs.entry_in_database_bytes / 1e9,
        pictures_gb=entries * pictures * costs.picture_stored_bytes / 1e9,
        sent_tb=visits * each_visit / 1e12,
        reading_hours=hours,
        readers=day_entries * told.seconds_to_read_an_entry / HOUR / told.hours_of_reading_a_day,
    )


def money(load: Load, told: Assumed = ASSUMED) -> dict[str, float]:
    """Euro a month over a year of this load."""
    return {
        "machines": max(1, ceil(load.cores)) * told.euro_for_a_core_a_month,
        "what is stored": 3 * load.database_gb * told.euro_for_a_gb_in_the_database_a_month
        + load.pictures_gb * told.euro_for_a_gb_of_pictures_a_month,
        "what is sent out": load.sent_tb / MONTHS * told.euro_for_a_tb_sent,
        "people who read": load.reading_hours / MONTHS * told.euro_for_an_hour_of_reading,
    }


#: What is asked too much, and who takes over.
ENGINES: Mapping[str, str] = {
    "people who read": "more moderators; teachers who read first; two readings only where the rules ask for them",
    "cores": "`instamemes@worker` and `instamemes@web` on machines of their own; PostgreSQL for SQLite; public pages from a copy",
    "disk": "an S3-compatible store for pictures, PostgreSQL with disks of its own",
    "line": "more proxies, each keeps opened pictures for a second; no content network, which would see every child",
}


def strain(load: Load, told: Assumed = ASSUMED) -> dict[str, float]:
    """How much more than one small machine and two people have is asked for: above 1 it breaks. The worst first."""
    found = {
        "people who read": load.readers / told.small_readers, "cores": load.cores / told.small_cores,
        "disk": (load.database_gb + load.pictures_gb) / told.small_gb, "line": load.mbit / told.small_mbit,
    }  # fmt: skip
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def breaks_at(what: str, costs: Costs) -> float:
    """The entries of a year with which one small machine (or two people) has no more of `what`: all of it grows in proportion."""
    return 1_000_000 / strain(year(1_000_000, costs))[what]


def named(values: Costs | Assumed) -> list[tuple[str, float]]:
    """Names for people, and values."""
    found = asdict(values)
    return [(field.name.replace("_", " "), found[field.name]) for field in fields(values)]
