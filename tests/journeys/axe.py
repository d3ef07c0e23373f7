"""What axe finds on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

#: Details of what is right would take most of the time; what does not depend on the width is asked once.
VIOLATIONS: dict[str, Any] = {"resultTypes": ["violations"]}
LAYOUT = VIOLATIONS | {"runOnly": ["color-contrast", "target-size", "scrollable-region-focusable"]}
COLOURS = VIOLATIONS | {"runOnly": ["color-contrast", "link-in-text-block"]}


def ask_axe(page: Page, where: str, options: dict[str, Any]) -> list[str]:
    """What axe has found, one line a rule."""
    return [
        f"{where}: {found['id']}: {found['help']}: {[node['html'][:120] for node in found['nodes'][:3]]}"
        for found in Axe().run(page, options=options).response["violations"]
    ]


def is_clean(page: Page, where: str = "") -> None:
    """Nothing at all; `where` names the page if its address does not."""
    assert ask_axe(page, where or page.url, VIOLATIONS) == []
