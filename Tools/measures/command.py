"""The command: measures what it is asked for, prints and saves that, or writes the table."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measures import saved, table
from measures.bench import Bench
from measures.figures import MEASURES
from measures.judging import Invalid
from measures.plan import PLAN, ROOT


def usage():
    print(f"usage: Tools/measure [--quick] [{' | '.join(function.__name__ for function in MEASURES)}]", file=sys.stderr)
    print("       Tools/measure --table [FILE]", file=sys.stderr)
    sys.exit(2)


def measure(bench, function):
    """The figures of one measurement; None is the value of the one that could not be measured, and its reason is printed."""
    print(f"{function.__name__}: {' '.join(function.__doc__.split())}")
    try:
        return function(bench)
    except (Invalid, subprocess.SubprocessError, OSError) as reason:
        print(f"  INVALID: {reason}")
        return [(function.__name__, None)]


def print_results(results, asked):
    width = max(len(name) for name, _ in results) if not asked else 0
    # The figure that was asked for comes last.
    for name, value in sorted(results, key=lambda result: result[0] in asked):
        print(f"{name:<{width}} {'INVALID' if value is None else f'{value:.3f}'}")


def measure_all(functions, is_saved):
    """The figures of all of them, printed and saved as they come."""
    results, built_from = [], saved.commit()
    work = pathlib.Path(tempfile.mkdtemp(prefix="mintmark-measure-"))
    try:
        bench = Bench(work)
        for function in functions:
            figures = measure(bench, function)
            results += figures
            if is_saved:
                saved.save(function, figures, built_from)
            print()
    finally:
        shutil.rmtree(work)
    return results


def write_table(arguments):
    if not saved.SAVED.exists():
        sys.exit(f"{saved.SAVED} does not exist: nothing was measured yet")
    table.write_table(pathlib.Path(*arguments) if arguments else ROOT / "README.md", json.loads(saved.SAVED.read_text()))


def main(arguments):
    names = {function.__name__: function for function in MEASURES}
    if arguments[:1] == ["--table"] and len(arguments) <= 2:
        write_table(arguments[1:])
        return
    is_quick = arguments[:1] == ["--quick"]
    if is_quick:
        PLAN.become_quick()
        arguments = arguments[1:]
    if len(arguments) > 1 or any(name not in names for name in arguments):
        usage()
    subprocess.run([ROOT / "Tools" / "setup", "--measure"], check=True)
    if (os.cpu_count() or 1) < 2:
        sys.exit("two processors are needed: one for the server, one for the generator")
    results = measure_all([names[name] for name in arguments] or MEASURES, is_saved=not is_quick)
    print_results(results, arguments)
    sys.exit(12 if any(value is None for _, value in results) else 0)
