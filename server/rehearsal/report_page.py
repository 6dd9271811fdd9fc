"""A night's report as one page of HTML: no script, nothing from elsewhere, readable in a dark room."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape

from server.rehearsal.account import Account, Incident, Played
from show_control.cue import Group

WIDTH = 1200
LANE = 26
PLANNED, TRUE, INCIDENTS = 24, 84, 136
"""Where the rows of the drawing begin, from above."""
HEIGHT = 168
LABELLED = 16
"""From this width on a bar has its cue's number."""
TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Seconds that two marks of the axis may lie apart."""
MOST_TICKS = 16

_COLOURS = {"line": "#c98", "in-ear": "#8bc", "look": "#a9c", "fade": "#87a", "gate": "#cb7", "wait": "#777"}
_COLOURS |= {Group.kind: "#333"}
_OTHER = "#999"
_GRAVE = {"panic", "failed", "restarted", "renderer lost", "page lost", "slow frames", "late", "differs"}

_STYLE = """
:root { color-scheme: dark }
body { background: #111; color: #ddd; font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 1240px; padding: 0 1rem }
h1 { font-weight: 500; margin-bottom: 0 } h2 { font-weight: 500; margin-top: 2.5rem }
.grave { color: #f96 } .quiet { color: #999 }
table { border-collapse: collapse; width: 100% } th { text-align: left; color: #999; font-weight: 400 }
td, th { padding: .15rem .6rem .15rem 0; border-bottom: 1px solid #2a2a2a; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tr.part td:nth-child(2) { padding-left: 1.2rem } td:nth-child(3) { white-space: nowrap }
svg { width: 100%; height: auto; background: #181818 } svg text { fill: #bbb; font-size: 11px }
"""


def page(told: Account) -> str:
    """The whole page."""
    began = datetime.fromtimestamp(told.began)
    ended = "It ended as it should." if told.closed else "It was cut off."
    parts = (
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{escape(told.title)}, {began:%Y-%m-%d %H:%M}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(told.title)}</h1>",
        f'<p>{began:%A %d %B %Y, %H:%M:%S}, for {_clock(told.lasted)}. <span class="'
        f'{"quiet" if told.closed else "grave"}">{ended}</span> {_totals(told)}</p>',
        *(f'<p class="grave">The journal: {escape(problem)}</p>' for problem in told.problems),
        "<h2>Planned and true</h2>",
        '<p class="quiet">Above, a rehearsal with perfect speech; below, the night. A line that leans to the '
        "right is a cue that came late.</p>",
        drawing(told),
        "<h2>What happened</h2>",
        *_incidents(told.incidents),
        "<h2>Cues</h2>",
        '<p class="quiet">Seconds from the first GO; planned are those of the rehearsal. '
        "Time in which the show process was gone does not count.</p>",
        *_cues(told.cues),
        "</body></html>",
    )
    return "\n".join(parts) + "\n"


def _totals(told: Account) -> str:
    cues = sum(1 for cue in told.cues if cue.at is not None)
    counts = Counter(incident.kind for incident in told.incidents)
    said = [f"{cues} cues played", *(f"{kind}: {number}" for kind, number in counts.most_common())]
    return escape(", ".join(said)) + "."


def _incidents(incidents: Sequence[Incident]) -> Iterator[str]:
    if not incidents:
        yield "<p>Nothing was refused, nobody was silent, nothing failed.</p>"
        return
    yield '<table><tr><th class="n">at</th><th>what</th><th></th></tr>'
    for incident in incidents:
        grave = ' class="grave"' if incident.kind in _GRAVE else ""
        yield (
            f'<tr><td class="n">{_clock(incident.at)}</td><td{grave}>{escape(incident.kind)}</td>'
            f"<td>{escape(incident.words)}</td></tr>"
        )
    yield "</table>"


def _cues(cues: Iterable[Played]) -> Iterator[str]:
    yield (
        '<table><tr><th>cue</th><th>name</th><th>kind</th><th class="n">planned</th><th class="n">true</th>'
        '<th class="n">late</th><th class="n">planned to last</th><th class="n">lasted</th>'
        "<th>outcome</th></tr>"
    )
    for cue in cues:
        times = (
            _time(cue.planned),
            _time(cue.at),
            "" if cue.late is None else f"{cue.late:+.1f}",
            _time(cue.planned_lasts),
            _time(cue.lasts),
        )
        cells = "".join(f'<td class="n">{time}</td>' for time in times)
        part = "" if cue.listed else ' class="part"'
        yield (
            f"<tr{part}><td>{escape(cue.number)}</td><td>{escape(cue.name)}</td>"
            f"<td>{escape(cue.kind)}</td>{cells}<td>{escape(cue.outcome)}</td></tr>"
        )
    yield "</table>"


def drawing(told: Account) -> str:
    """Planned cues above, true ones below, what happened under them. The axis is in minutes and seconds.

    What is in a group stands in its lower half.
    """
    begin = min((0.0, *(incident.at for incident in told.incidents)))
    end = max((1.0, *_ends(told.cues), *(incident.at for incident in told.incidents)))

    def x(time: float) -> float:
        return 8 + (WIDTH - 16) * (time - begin) / (end - begin)

    def bar(cue: Played, at: float | None, lasts: float | None, y: int) -> Iterator[str]:
        if at is None:
            return
        width = max(x(at + (lasts or 0.0)) - x(at), 2.0)
        top, height = (y, LANE) if cue.listed else (y + LANE / 2, LANE / 2)
        words = f"{cue.number} {cue.name} ({cue.kind}), {_clock(at)} {cue.outcome}".strip()
        yield (
            f'<rect x="{x(at):.1f}" y="{top:g}" width="{width:.1f}" height="{height:g}" '
            f'fill="{_COLOURS.get(cue.kind, _OTHER)}"><title>{escape(words)}</title></rect>'
        )
        if cue.listed and width > LABELLED:
            yield f'<text x="{x(at) + 3:.1f}" y="{y + 11}">{escape(cue.number)}</text>'

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Planned and true times">']
    for tick in _ticks(begin, end):
        parts.append(f'<path d="M{x(tick):.1f} 16V{HEIGHT - 8}" stroke="#2c2c2c"/>')
        parts.append(f'<text x="{x(tick) + 3:.1f}" y="12">{_clock(tick)}</text>')
    for cue in sorted(told.cues, key=lambda cue: cue.kind != Group.kind):
        if cue.listed and cue.planned is not None and cue.at is not None:
            line = f"M{x(cue.planned):.1f} {PLANNED + LANE}L{x(cue.at):.1f} {TRUE}"
            parts.append(f'<path d="{line}" stroke="#555"/>')
        parts += [*bar(cue, cue.planned, cue.planned_lasts, PLANNED), *bar(cue, cue.at, cue.lasts, TRUE)]
    for incident in told.incidents:
        colour = "#f96" if incident.kind in _GRAVE else "#db7"
        words = f"{_clock(incident.at)} {incident.kind}: {incident.words}"
        parts.append(
            f'<circle cx="{x(incident.at):.1f}" cy="{INCIDENTS}" r="5" fill="{colour}">'
            f"<title>{escape(words)}</title></circle>"
        )
    return "\n".join((*parts, "</svg>"))


def _ends(cues: Iterable[Played]) -> Iterator[float]:
    for cue in cues:
        for at, lasts in ((cue.planned, cue.planned_lasts), (cue.at, cue.lasts)):
            if at is not None:
                yield at + (lasts or 0.0)


def _ticks(begin: float, end: float) -> Iterator[int]:
    step = next((step for step in TICKS if (end - begin) / step <= MOST_TICKS), TICKS[-1])
    return iter(range(-int(-begin // step) * step, int(end) + 1, step))


def _clock(seconds: float) -> str:
    """Minutes and seconds: "12:05"."""
    whole = round(abs(seconds))
    return f"{'-' if seconds <= -0.5 else ''}{whole // 60}:{whole % 60:02}"


def _time(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"
