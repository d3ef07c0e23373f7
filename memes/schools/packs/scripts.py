"""Our modules as one plain script: a page that is opened from a folder may load scripts, but no browser lets it load modules.

It knows no more of modules than ours use: `import * as a`, `import { a, b }`, and `export` before a function or a constant.
"""

import re
from collections.abc import Mapping

from memes import assets

_IMPORT = re.compile(r'^import (?:\* as (\w+)|(\{[\w, ]+\})) from "\./([\w-]+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (\w+))", re.MULTILINE)


def plain(main: str, instead: Mapping[str, str] | None = None) -> str:
    """`main` and all that it imports. `instead` names modules that take another one's place."""
    done: dict[str, str] = {}
    _add(main, instead or {}, done)
    return '"use strict";\n(() => {\nconst modules = {};\n' + "\n".join(done.values()) + "\n})();\n"


def _add(name: str, instead: Mapping[str, str], done: dict[str, str]) -> None:
    source = assets.contents(f"js/{name}.js").decode()
    for _all, _some, other in _IMPORT.findall(source):
        taken = instead.get(other, other)
        if taken not in done:
            _add(taken, instead, done)
    names = ", ".join(_EXPORT.findall(source))
    body = _EXPORT.sub("", _IMPORT.sub(lambda found: _import(found, instead), source))
    done[name] = f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {names} }};\n}})();'


def _import(found: re.Match[str], instead: Mapping[str, str]) -> str:
    everything, some, other = found.groups()
    return f'const {everything or some} = modules["{instead.get(other, other)}"];'
