"""Try faults and bad input, and print what happened as a table.

    python -m benchmarks.faults [--quick] [GROUP ...]

It needs Linux. Each group runs in a process of its own, with a home folder of its own and, but for
`processes`, a limit on its memory; whatever is not handled is printed with its traceback, and
ends with status 1.
"""

import argparse
import importlib
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.faults.tally import MAX_SHOWN

GROUPS = ("weights", "folders", "files", "addresses", "parameters", "drawings", "processes")
MEMORY = 2 * 2**30
"""Bytes of data that a group may have. What it uses is the last column."""

ENVIRONMENT = {
    "STREAMLIT_LOGGER_LEVEL": "error",
    "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full",  # Of a fault; visitors do not see them.
}


def main() -> None:
    """Run the groups, or one of them in this process."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], metavar="GROUP")
    parser.add_argument("--quick", action="store_true", help="fewer trials of each kind")
    parser.add_argument("--here", action="store_true", help="in this process, which has a home")
    options = parser.parse_args()
    if options.here:
        sys.exit(_run(options.groups[0], options.quick))
    more = ["--quick"] * options.quick
    statuses = []
    for group in options.groups or GROUPS:
        with tempfile.TemporaryDirectory(prefix="vae-faults-") as home:
            Path(home).chmod(0o755)
            command = [*_confined(group), sys.executable, "-m", "benchmarks.faults"]
            command += ["--here", *more, group]
            environment = os.environ | ENVIRONMENT | {"VAE_HOME": home}
            statuses.append(subprocess.run(command, env=environment).returncode)
    sys.exit(max(map(bool, statuses)))


def _confined(group: str) -> list[str]:
    """What gives a group mounts of its own, or takes from root the right to read anything."""
    root = not os.getuid()
    if group == "processes":
        return ["unshare", "--mount", *([] if root else ["--user", "--map-root-user"]), "--"]
    rights = ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    return ["setpriv", *rights, "--"] if root else []


def _run(group: str, quick: bool) -> int:
    limited = group != "processes"  # What that one tries is done by other processes.
    columns = ["tried", "times", "what happened", "slowest", *["peak memory"] * limited]
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|", flush=True)
    if limited:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    tallies = importlib.import_module(f"benchmarks.faults.{group}").run(quick)
    faults = 0
    for tally in tallies:
        print(tally.row(memory=limited), flush=True)
        faults += len(tally.faults)
        print("".join(tally.faults[:MAX_SHOWN]), file=sys.stderr, end="")
    print()
    return min(faults, 1)


if __name__ == "__main__":
    main()
