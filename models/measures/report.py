"""The report of an evaluation: one HTML file that needs nothing else, and names its features throughout."""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import torch
from PIL import Image

from models.measures.evaluation import Evaluation
from models.measures.memorisation import QUANTILE, RATIO, SHARE, Memorisation
from models.measures.plots import two_histograms

STYLE = """
:root { color-scheme: dark }
body { background: #16181c; color: #c8ccd4; font: 15px/1.55 system-ui, sans-serif; margin: 2.5rem auto;
       max-width: 66rem; padding: 0 1.5rem }
h1, h2 { font-weight: 500; color: #e6e8ec } h2 { margin-top: 2.6rem; font-size: 1.15rem }
table { border-collapse: collapse }
th, td { text-align: left; padding: .3rem 1.4rem .3rem 0; vertical-align: top }
th { color: #8b93a1; font-weight: 400 } td:first-child { white-space: nowrap }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums }
.verdict { border-left: 3px solid #d9a441; padding: .4rem .9rem; background: #1f2126; margin: .6rem 0 }
.good { border-left-color: #7fbf7f } img { max-width: 100%; display: block; border-radius: 3px }
svg { max-width: 100%; height: auto } svg text { fill: #8b93a1; font-size: 12px }
svg .fakes { fill: #6f8fb8 } svg .new { fill: none; stroke: #d9a441; stroke-width: 2 }
svg .mark { stroke: #e06c5f; stroke-dasharray: 4 4 } svg .axis { stroke: #3a3f48 } small { color: #8b93a1 }
"""


@dataclass(frozen=True, slots=True)
class About:
    """What the page says of its subject."""

    network: str
    sha256: str
    size: int
    data: str
    train: int
    held_out: int
    trained_on: int | None = None
    """How many pictures the network was trained on, where it says so."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `value` of the network, `real` of held-out pictures, `meaning` in words."""

    name: str
    value: str
    real: str
    meaning: str


def figures(found: Evaluation) -> tuple[Figure, ...]:
    """The table, the same on the terminal and on the page."""
    measures, real, memory = found.measures, found.real, found.measures.memorisation
    to = "held-out" if measures.against == "held-out" else "training"
    table = [
        Figure(
            "KID",
            f"{measures.kid:.4f} ± {measures.kid_deviation:.4f}",
            f"{real.kid:.4f} ± {real.kid_deviation:.4f}" if real else "",
            f"how unlike the {to} pictures: 0 is as like as two halves of one set",
        ),
        Figure(
            "precision",
            f"{measures.precision:.3f}",
            f"{real.precision:.3f}" if real else "",
            "the share of fakes that could be real",
        ),
        Figure(
            "recall",
            f"{measures.recall:.3f}",
            f"{real.recall:.3f}" if real else "",
            "the share of the real that the fakes reach: low is little variety",
        ),
        Figure(
            "memorisation",
            f"{memory.ratio:.2f} · {memory.share:.0%} · {'passed' if memory.passed else 'FAILED'}",
            f"1.00 · at most {QUANTILE:.0%}",
            f"distance to training pictures over that of {_new(memory)}, and the share that is like a copy; "
            f"passed from {RATIO:g} and up to {SHARE:.0%}",
        ),
    ]
    for name, path in found.paths.items():
        meaning = "how much the picture changes for a small step: less is smoother"
        table.append(Figure(f"path length ({name})", f"{path.mean:.4g} ± {path.error:.2g}", "", meaning))
    if found.separability is not None:
        value = f"z {found.separability.z:.3f} · w {found.separability.w:.3f}"
        meaning = "1: planes through latent space tell what a picture shows; 2: they tell nothing"
        table.append(Figure("linear separability", value, "", meaning))
    return tuple(table)


def verdict(memory: Memorisation) -> str:
    """The memorisation test in one sentence."""
    if memory.passed:
        return (
            f"The memorisation test is passed: fakes lie {memory.ratio:.2f} times as far from the training "
            f"pictures as {_new(memory)} do. Look at the gallery all the same."
        )
    return (
        f"The memorisation test is failed: fakes lie {memory.ratio:.2f} times as far from the training "
        f"pictures as {_new(memory)} do, and {memory.share:.0%} of them are like copies. The network "
        "repeats its data: choose an earlier snapshot, or train with more pictures or more augmentation."
    )


def _new(memory: Memorisation) -> str:
    return "held-out pictures" if memory.against == "held-out" else "training pictures from each other"


def report(about: About, found: Evaluation, fakes: Image.Image, neighbours: Image.Image) -> str:
    """The page as text. It names no time and no machine: the same network and data give the same page."""
    measures, memory = found.measures, found.measures.memorisation
    usual = float(memory.expected.median()) or 1.0
    tier = f"<p><small>Features: {escape(measures.tier)}</small></p>"
    plot = two_histograms(
        (memory.distances / usual).double().numpy(),
        (memory.expected / usual).double().numpy(),
        float(torch.quantile(memory.expected, QUANTILE)) / usual,
        ("fakes", _new(memory)),
        f"distance to the nearest training picture; 1: the median of {_new(memory)}",
    )
    good = " good" if memory.passed else ""
    notes = "".join(f'<p class="verdict">{escape(note)}</p>' for note in cautions(about))
    parts = [
        f"<h1>{escape(about.network)}</h1>",
        f"<p>{about.size} px, sha256 {about.sha256[:16]}. {measures.fakes} fakes against {about.train} "
        f"training and {about.held_out} held-out pictures of {escape(about.data)}.</p>",
        f"<p>Features: <b>{escape(measures.tier)}</b>. Figures compare networks of one data set under one "
        "tier, and nothing else.</p>",
        f'<p class="verdict{good}">{escape(verdict(memory))}</p>{notes}',
        _table(figures(found), found),
        f"<h2>Fakes</h2>{_image(fakes)}",
        f"<h2>Fakes and their nearest training pictures</h2>{tier}<p>First the fakes nearest to a training "
        f"picture, then others from near to far. The order is the features'; judge by eye.</p>"
        f"{_image(neighbours)}",
        f"<h2>How near</h2>{tier}<p>Where the blocks reach left of the line of {_new(memory)}, fakes are "
        f"nearer to the training pictures than new pictures are. Dashed: very near, where {QUANTILE:.0%} of "
        f"new pictures lie.</p>{plot}",
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(about.network)}, measured</title><style>{STYLE}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def cautions(about: About) -> tuple[str, ...]:
    """What makes the figures weaker than they look."""
    found = []
    if about.trained_on not in (None, about.train):
        found.append(
            f"This network was trained on {about.trained_on:,} pictures; {about.data} has {about.train:,}: "
            "if that is another set, the memorisation test says nothing, and KID tells the two sets apart."
        )
    if about.held_out == 0:
        found.append(
            "No picture is held out: KID is against the training pictures, where a network that copies them "
            "looks perfect. marrow prepare holds pictures out."
        )
    elif about.held_out < 100:
        found.append(f"Only {about.held_out} pictures are held out: read KID with its deviation.")
    if about.train < 100:
        found.append(f"Only {about.train} training pictures: precision and recall are rough.")
    return tuple(found)


def _table(lines: Iterable[Figure], found: Evaluation) -> str:
    head = f"{found.real.pictures} held-out pictures" if found.real else ""
    rows = "".join(
        f'<tr><td>{escape(line.name)}</td><td class="number">{escape(line.value)}</td>'
        f'<td class="number">{escape(line.real)}</td><td><small>{escape(line.meaning)}</small></td></tr>'
        for line in lines
    )
    return f"<table><tr><th></th><th>this network</th><th>{head}</th><th></th></tr>{rows}</table>"


def _image(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=90)
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}">'
