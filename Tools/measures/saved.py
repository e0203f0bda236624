"""Keeps figures in a file, with their parts, their time, the machine and the commit."""

import datetime
import json
import os
import pathlib
import platform
import subprocess

from measures.plan import ROOT

SAVED = pathlib.Path(os.environ.get("MEASURE_FILE") or ROOT / ".build" / "measure.json")
# What the programs are built from.
BUILT = ["Package.swift", "Package.resolved", "Sources", "Tools"]


def machine():
    model = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return {"processor": model[0] if model else platform.machine(), "processors": os.cpu_count(), "kernel": platform.release()}


def commit():
    """The commit that is built and measured; behind it -dirty where what is built differs from it. None outside of git."""

    def git(*arguments):
        process = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
        return process.stdout.strip() if process.returncode == 0 else None

    head = git("rev-parse", "--short", "HEAD")
    return head and head + ("-dirty" if git("status", "--porcelain", "--", *BUILT) else "")


def save(function, figures, built_from):
    """Keeps figures for the table; None is the value of an invalid one. All that the same measurement has saved before is
    replaced, or marked as invalid where it found no new one: what stands together was measured together."""
    saved = json.loads(SAVED.read_text()) if SAVED.exists() else {"figures": {}}
    name = function.__name__
    old = [(other, None) for other, figure in saved["figures"].items() if figure["measure"] == name]
    for figure in old + list(figures):
        saved["figures"][figure[0]] = {
            "value": figure[1],
            "measure": name,
            "method": " ".join(function.__doc__.split()),
            "measured_at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "machine": machine(),
            "commit": built_from,
            **getattr(figure, "details", {}),
        }
    SAVED.parent.mkdir(parents=True, exist_ok=True)
    SAVED.write_text(json.dumps(saved, indent=2, ensure_ascii=False) + "\n")
