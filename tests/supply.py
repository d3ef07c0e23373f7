"""What comes from others: the list of it (`make sbom`), and whether holes in it are known (`make audit`).

`python -m tests.supply sbom FILE` writes the libraries of requirements.lock as CycloneDX. `python -m tests.supply audit` asks
the index of Python packages about both lock files; it fails where a hole is known, and says so where it could not ask.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
BIN = Path(sys.executable).parent


def sbom(lock: Path = ROOT / LOCKS[0]) -> str:
    """The libraries of a lock file as CycloneDX JSON: the same for the same file, with no address and no path in it."""
    command = [
        BIN / "cyclonedx-py",
        "requirements",
        "--no-validate",
        "--output-reproducible",
        "--pyproject",
        ROOT / "pyproject.toml",
        lock,
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONWARNINGS": "ignore"}
    )
    listed = json.loads(done.stdout)
    parts = {part["purl"]: _bare(part) for part in listed["components"]}
    root = listed["metadata"]["component"]
    listed["components"] = [parts[purl] for purl in sorted(parts)]
    listed["dependencies"] = [{"ref": root["bom-ref"], "dependsOn": sorted(parts)}]
    listed["metadata"] = {"component": {name: root[name] for name in ("bom-ref", "name", "type", "version")}}
    return json.dumps(listed, indent=1, sort_keys=True) + "\n"


def _bare(part: dict[str, Any]) -> dict[str, Any]:
    """What a library is, without where it was found."""
    hashes = [one for reference in part["externalReferences"] for one in reference["hashes"]]
    kept = {name: part[name] for name in ("name", "purl", "type", "version")}
    return kept | {"bom-ref": part["purl"], "hashes": sorted(hashes, key=lambda one: str(one["content"]))}


def audit() -> int:
    """Ask about each library of both lock files; the exit code: 1 for a known hole, 2 where nobody could be asked, else 0."""
    status = 0
    for lock in LOCKS:
        command = [
            BIN / "pip-audit",
            "--disable-pip",
            "--require-hashes",
            "--progress-spinner=off",
            "--format=json",
            "-r",
            ROOT / lock,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        status = max(told(lock, done.stdout), status, key=lambda code: (code == 1, code))
    return status


def told(lock: str, answer: str) -> int:
    """Say what pip-audit has found out, and the exit code for it."""
    try:
        libraries = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        print(f"{lock}: nobody could be asked (no network, or the index does not answer). This is no all-clear.")
        return 2
    holes = [(one["name"], one["version"], hole) for one in libraries for hole in one.get("vulns", [])]
    for name, version, hole in holes:
        mended = ", ".join(hole["fix_versions"]) or "nothing yet"
        print(f"{lock}: {name} {version} has {hole['id']}, mended in {mended}")
    unknown = [one["name"] for one in libraries if "skip_reason" in one]
    if unknown:
        print(
            f"{lock}: about {len(unknown)} of {len(libraries)} libraries the index told nothing. This is no all-clear."
        )
    if not holes and not unknown:
        print(f"{lock}: {len(libraries)} libraries, no known hole.")
    return 1 if holes else 2 if unknown else 0


if __name__ == "__main__":
    if sys.argv[1] == "audit":
        sys.exit(audit())
    Path(sys.argv[2]).write_text(sbom(), encoding="utf-8")
