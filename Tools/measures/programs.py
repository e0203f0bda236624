"""Builds programs and runs them to their end."""

import os
import pathlib
import resource
import subprocess
import sys

from measures.judging import Invalid
from measures.plan import ROOT


def environment(**variables):
    """This process's, without what it says to clients and daemons, and with `variables`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MINTMARK_")}
    return {**own, **variables}


def done(command, allowed=(0,), **options):
    """Runs a program to its end; what it printed. One that cannot be started, or ends otherwise, makes the figure invalid."""
    words = " ".join(str(word) for word in command)
    try:
        options = {"capture_output": True, "text": True, "env": environment(), **options}
        process = subprocess.run(list(map(str, command)), **options)
    except OSError as error:
        raise Invalid(f"{words}: {error}") from error
    if process.returncode not in allowed:
        last_lines = "\n".join((process.stdout + process.stderr).strip().splitlines()[-20:])
        raise Invalid(f"{words}: exit code {process.returncode}\n{last_lines}")
    return process.stdout


def build():
    for product in ("mintmarkd", "mintmark", "mintmark-bench", "mintmark-counts"):
        command = ["swift", "build", "--configuration", "release", "--product", product]
        process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if process.returncode:
            sys.exit(process.stdout + process.stderr)
    command = ["swift", "build", "--configuration", "release", "--show-bin-path"]
    return pathlib.Path(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip())


def pinned(core, *command):
    return ["taskset", "--cpu-list", core, *map(str, command)]


def children_seconds():
    """How long processors have worked for processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
