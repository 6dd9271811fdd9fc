"""The report: one HTML file that needs nothing else, dark and calm, with what was done to the pictures."""

import base64
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from models.dataset.prepare import plots
from models.dataset.prepare.audit import Audit, Spread, audit
from models.dataset.prepare.dedupe import Candidate
from models.dataset.prepare.folder import shown
from models.dataset.prepare.manifest import ASIDE, Line, Lines
from models.dataset.prepare.prepared import HELD_OUT, Prepared
from models.dataset.prepare.reading import thumb_path
from models.dataset.prepare.recipe import Recipe
from models.dataset.prepare.sheets import some, tile
from models.dataset.prepare.work import jpeg

MEAN_OF = 400
"""Pictures in the mean picture: more change nothing that can be seen."""

STYLE = """
:root { color-scheme: dark }
body { background: #16181c; color: #c8ccd4; font: 15px/1.55 system-ui, sans-serif; margin: 2.5rem auto;
       max-width: 66rem; padding: 0 1.5rem }
h1, h2 { font-weight: 500; color: #e6e8ec } h2 { margin-top: 2.6rem; font-size: 1.15rem }
table { border-collapse: collapse } th, td { text-align: left; padding: .25rem 1.1rem .25rem 0 }
th, td { vertical-align: top }
th { color: #8b93a1; font-weight: 400 } td.number { text-align: right; font-variant-numeric: tabular-nums }
.warning { border-left: 3px solid #d9a441; padding: .4rem .9rem; background: #1f2126; margin: .6rem 0 }
.good { border-left-color: #7fbf7f } .row { display: flex; flex-wrap: wrap; gap: 1.6rem }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem } figure { margin: 0; width: 128px }
figure img { max-width: 128px; max-height: 128px; border-radius: 3px; display: block }
figcaption { font-size: 11px; line-height: 1.3; color: #8b93a1; overflow-wrap: anywhere; margin-top: .2rem }
svg rect { fill: #6f8fb8 } svg rect.frame { fill: #1f2126 } svg circle { fill: #9fb8d9; opacity: .5 }
svg text { fill: #c8ccd4; font-size: 12px } svg text.label { text-anchor: end } small { color: #8b93a1 }
"""


def report(out: Path, prepared: Prepared, recipe: Recipe, seed: int) -> str:
    """The page as text. It names no time and no machine: the same set gives the same page."""
    findings = audit(prepared, recipe)
    made: Iterable[Line] = prepared.lines.get("split", ())
    sides = Counter(line["split"] for line in made)
    held_out, pictures = sides[HELD_OUT], sides.total()
    photographs = len({line["file"] for line in made})
    parts = [
        f"<h1>{pictures} pictures of {photographs} photographs</h1>",
        f"<p>{pictures - held_out} to train on, {held_out} held out; layout <b>{recipe.compose.layout}</b>, "
        f"seed {seed}. {len(prepared.lines['read'])} files were looked at. Nothing was deleted.</p>",
        *(_warning(text) for text in findings.warnings),
        "" if findings.warnings else '<p class="warning good">Nothing stands out.</p>',
        _yields(findings),
        _pictures(out, made),
        _alignment(out, findings, made),
        _balance(findings),
        _near(out, findings),
        _aside(out, prepared.lines),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>The data set</title>'
        f"<style>{STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _warning(text: str) -> str:
    return f'<p class="warning">{escape(shown(text))}</p>'


def _yields(findings: Audit) -> str:
    rows = "".join(
        f'<tr><td>{step.stage}</td><td class="number">{step.came}</td><td class="number">{step.kept}</td>'
        f'<td class="number">{step.share:.1%}</td><td>{_reasons(step.reasons)}</td></tr>'
        for step in findings.yields
    )
    chart = plots.bars({step.stage: step.kept for step in findings.yields})
    return (
        "<h2>Yield</h2><table><tr><th>stage</th><th>came</th><th>kept</th><th>yield</th><th>set aside</th>"
        f"</tr>{rows}</table><p>{chart}</p>"
        "<p><small>Up to people a stage counts photographs; from compose on, pictures. "
        "Why one file is out: marrow prepare PHOTOS OUT --explain FILE</small></p>"
    )


def _reasons(reasons: Sequence[tuple[str, int]]) -> str:
    return "<br>".join(f"{count} × {escape(reason)}" for reason, count in reasons[:8])


def _pictures(out: Path, made: Iterable[Line]) -> str:
    figures = [
        _figure(tile(out, "split", line), f"{line['name']} · {line['split']}") for line in some(made, 24)
    ]
    return f'<h2>Pictures</h2><div class="tiles">{"".join(figures)}</div>'


def _figure(picture: Image.Image, caption: str) -> str:
    picture = picture.convert("RGB")
    picture.thumbnail((128, 128), Image.Resampling.LANCZOS)
    data = base64.b64encode(jpeg(picture)).decode()
    return (
        f'<figure><img alt="" src="data:image/jpeg;base64,{data}">'
        f"<figcaption>{escape(shown(caption))}</figcaption></figure>"
    )


def _alignment(out: Path, findings: Audit, made: Iterable[Line]) -> str:
    rows = "".join(_spread(spread) for spread in findings.spreads)
    scatter = "".join(
        f"<figure style='width:240px'>{plots.points(places)}<figcaption>{name}</figcaption></figure>"
        for name, places in findings.places.items() if len(places)
    )  # fmt: skip
    light = plots.histogram(findings.brightness)
    mean = mean_picture([out / line["path"] for line in some(made, MEAN_OF)])
    pictured = _figure(mean, "mean picture: sharp where all stand alike") if mean else ""
    return (
        "<h2>How alike the pictures are</h2><table><tr><th></th><th>mean</th><th>standard deviation</th></tr>"
        f"{rows}</table><p><small>Places and scale are shares of the picture's side, slot by slot from the "
        "left; something that may stand anywhere varies by 29 %.</small></p>"
        f'<div class="row">{scatter}{pictured}<figure style="width:460px">{light}'
        "<figcaption>brightness of the pictures</figcaption></figure></div>"
    )


def _spread(spread: Spread) -> str:
    def percent(values: tuple[float, ...]) -> str:
        return " · ".join(f"{value:.1%}" for value in values)

    mean, deviation = percent(spread.mean), percent(spread.deviation)
    return f"<tr><td>{spread.what}</td><td>{mean}</td><td>{deviation}</td></tr>"


def mean_picture(paths: Sequence[Path]) -> Image.Image | None:
    """The mean of pictures, at 128 px."""
    if not paths:
        return None
    total = np.zeros((128, 128, 3))
    for path in paths:
        with Image.open(path) as file:
            total += np.asarray(file.convert("RGB").resize((128, 128), Image.Resampling.BOX))
    return Image.fromarray((total / len(paths)).round().astype(np.uint8))


def _balance(findings: Audit) -> str:
    charts = "".join(
        f"<div><p>{escape(name)}</p>{plots.bars(counts)}</div>"
        for name, counts in findings.counts.items()
        if counts
    )
    return f'<h2>Balance</h2><div class="row">{charts}</div>'


def _near(out: Path, findings: Audit) -> str:
    if not findings.near:
        return "<h2>Near-copies left</h2><p>None were found.</p>"

    def pictures(both: Iterable[Candidate], distance: int) -> str:
        return "".join(_figure(_thumb(out, one.sha256), f"{one.file} ({distance} bits)") for one in both)

    shown_pairs = "".join(pictures((pair.one, pair.other), pair.distance) for pair in findings.near[:12])
    return f'<h2>Near-copies left: {len(findings.near)} pairs</h2><div class="tiles">{shown_pairs}</div>'


def _thumb(out: Path, sha256: str) -> Image.Image:
    with Image.open(io.BytesIO((out / thumb_path(sha256)).read_bytes())) as file:
        return file.convert("RGB")


def _aside(out: Path, stages: Mapping[str, Lines]) -> str:
    parts = []
    for stage, lines in stages.items():
        aside = len(lines) - sum(1 for _ in lines.kept())
        if not aside:
            continue
        figures = "".join(
            _figure(tile(out, stage, line), f"{line['file']}: {line['reason']}")
            for line in some(lines, 32) if line["decision"] == ASIDE
        )  # fmt: skip
        parts.append(f'<p>{stage}: {aside}</p><div class="tiles">{figures}</div>')
    return "<h2>Set aside</h2>" + ("".join(parts) or "<p>Nothing.</p>")
