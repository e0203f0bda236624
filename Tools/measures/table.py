"""README.md's table of figures, made of what was saved."""

import statistics
import sys

from measures.figures import TITLES

BEGIN, END = "<!-- figures: Tools/measure --table -->", "<!-- end of figures -->"

METHOD = (
    "The two sides of a ratio were measured by turns: their columns are medians of turns, the ratio is the median of the "
    "pairs' ratios, so it need not be the columns' quotient."
)

SHORT_TURNS = (
    "were measured in short turns, with a look at the speed of both processors before, between and behind the two of a pair: "
    "pairs in which it had changed by more than a tenth were taken again."
)


def words(value, unit=None):
    # Three digits, zeros among them: a ratio of 1.00 was measured more finely than one of 1.
    text = f"{value:,.0f}" if value >= 1000 else f"{value:#.3g}".rstrip(".")
    return text.replace(",", " ") + (f" {unit}" if unit else "")


def place(figure):
    return figure["machine"]["processors"], figure["machine"]["processor"]


def table_row(name, figure, places, names_commit):
    """A line of the table; where there are several `places`, with the number of its own."""
    title, value = TITLES[name], figure["value"]
    link = f"`{figure['measure']}`" + (f" at {figure['commit'] or 'unknown'}" if names_commit else "")
    link += f" ({places.index(place(figure)) + 1})" if len(places) > 1 else ""
    if value is None:
        return f"| {title} | INVALID | | | {link} |"
    if "ours" not in figure:
        return f"| {title} | {words(value)} | | | {link} |"
    ours, theirs = (statistics.median(figure[side]) for side in ("ours", "theirs"))
    unit = figure.get("unit")
    ratio = f" {value:.2f}" if "ratios" in figure else ""
    return f"| {title} | {words(ours, unit)} | {figure['compared_with']}: {words(theirs, unit)} |{ratio} | {link} |"


def curve_rows(figure):
    """The points of the curve of latency as a table of their own."""
    lines = ["", "| share of the peak | verifications in a second | 50th percentile | 99th percentile |", "|--:|--:|--:|--:|"]
    for point in figure["curve"]:
        times = " | ".join(words(point[name], "µs") for name in ("p50_us", "p99_us"))
        lines.append(f"| {point['share']:.0%} | {words(point['per_second'])} | {times} |")
    return lines


def table(saved):
    """The table as Markdown, from what was saved and from nothing else."""
    figures = {name: saved["figures"][name] for name in TITLES if name in saved["figures"]}
    if not figures:
        sys.exit("nothing was measured that the table tells of")
    places = sorted({place(figure) for figure in figures.values()})
    days = sorted({figure["measured_at"][:10] for figure in figures.values()})
    commits = sorted({figure["commit"] or "unknown" for figure in figures.values()})
    lines = ["| figure | Mintmark | beside it | ratio | measured by |", "|---|--:|---|--:|---|"]
    lines += [table_row(name, figure, places, len(commits) > 1) for name, figure in figures.items()]
    if figures.get("latency_curve", {}).get("curve"):
        lines += curve_rows(figures["latency_curve"])
    marks = [f"({number}) " if len(places) > 1 else "" for number in range(1, len(places) + 1)]
    where = ", ".join(f"{mark}{count} × {processor}" for mark, (count, processor) in zip(marks, places))
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    short = sorted({f"`{figure['measure']}`" for figure in figures.values() if "discarded" in figure})
    method = f"{METHOD} {', '.join(short)} {SHORT_TURNS}" if short else METHOD
    lines += ["", f"Measured on {where}, {when}, commit {', '.join(commits)}. {method}", ""]
    methods = {figure["measure"]: figure["method"] for figure in figures.values()}
    lines += ["<details><summary>How each of them was measured</summary>", ""]
    lines += [f"- `{name}`: {method}" for name, method in methods.items()]
    lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def write_table(path, saved):
    """Puts the table between its two marks."""
    text = path.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        sys.exit(f"{path} has no place for the table: {BEGIN} … {END}")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{table(saved)}{END}{after}")
