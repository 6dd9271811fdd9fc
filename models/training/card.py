"""The model card: what a shipped network is, what it learnt from, how good it is, how to make it again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.checkpoint import Header
from models.training.choice import Choice, percent

FAMILIES = {"stylegan2": "StyleGAN2", "stylegan3": "StyleGAN3"}
SHAPE = ("size", "channel_base", "channel_max", "channel_min")
RECIPE = (
    "batch", "lr", "loss", "gamma", "gamma_fake", "path_length", "lecam", "augment", "p", "mirror", "freeze",
    "ema_kimg", "precision", "seed",
)  # fmt: skip
"""Settings that are options of `marrow train` by the same name."""

MEANINGS = """
- **KID** is how far painted pictures are from real ones, as a whole; 0 is the same distribution. It compares
  only with a KID by the same features, to the same pictures and of as many painted ones.
- **Recall** is the share of real pictures that something painted comes near: variety. **Precision** is the
  share of painted pictures that something real comes near: quality.
- **Memorisation** compares how far painted pictures and new real ones are from their nearest training
  picture; 0 would be copies.
"""


def card(
    header: Header, run: Mapping[str, Any], choice: Choice, reasons: str, licence: str,
    *, parameters: int, megabytes: float, sheet: bool,
) -> str:  # fmt: skip
    """Markdown. `header`: of the shipped file; `run`: run.json, or empty; `sheet`: whether a picture of the
    same name lies beside the file. Folders are named without where they lie."""
    name = header.path.name
    chosen, terms = choice.chosen, choice.terms
    against = (
        "held-out pictures" if terms.against == "held-out" else "the training pictures, for want of others"
    )
    rows = {
        "pictures": f"{header.size} x {header.size}, RGB",
        "network": _network(header),
        "size": f"{parameters / 1e6:.1f} million parameters, {megabytes:.1f} MB",
        "data": _data(_mapping(run, "data")),
        "classes": ", ".join(map(str, run.get("classes") or ())),
        "begun from": _bare(run.get("from") or ""),
        "recipe": _recipe(_mapping(run, "recipe")),
        "training": _training(run, chosen.kimg),
        "KID": f"{chosen.kid:.4f} ± {chosen.deviation:.4f}, to {against}",
        "recall, precision": f"{chosen.recall:.2f}, {chosen.precision:.2f}",
        "memorisation": f"passed: {chosen.ratio:.2f} times as far from the training pictures as new ones, "
        f"{percent(chosen.share)} like copies (up to 5 % by chance)",
        "measured with": f"{terms.fakes} painted pictures; features {terms.tier}",
        "sha256 of its tensors": f"`{header.sha256}`",
        "licence": licence,
    }
    picture = f"![Fixed seeds of this network]({header.path.with_suffix('.png').name})\n\n" if sheet else ""
    table = "\n".join(f"| {key} | {value} |" for key, value in rows.items() if value)
    return (
        f"# {name}\n\n{picture}| | |\n|---|---|\n{table}\n\n"
        f"## Why this snapshot\n{reasons}\n\n"
        f"## What the figures mean\n{MEANINGS.strip()}\n\n"
        f"## How to make it again\n```\n{_again(header, run)}\n```\n"
        "A run repeats bit for bit only on the same machine with the same torch; elsewhere expect other "
        "pictures of the same kind.\n"
    )


def _network(header: Header) -> str:
    config = header.config
    words = [FAMILIES.get(header.family, header.family)]
    words += [f"{config['mapping_layers']} mapping layers"] if "mapping_layers" in config else []
    words += [f"z of {config['z_dim']}, w of {config['w_dim']}"] if {"z_dim", "w_dim"} <= set(config) else []
    if {"channel_base", "channel_max"} <= set(config):
        words.append(f"channels {config['channel_base']} / resolution and at most {config['channel_max']}")
    return ", ".join(words)


def _data(data: Mapping[str, Any]) -> str:
    if "train" not in data:
        return "not known"
    held = data.get("held_out") or 0
    return (
        f"{data['train']:,} pictures of {_bare(data.get('folder', '?'))}, and {held:,} held out to measure by"
    )


def _recipe(recipe: Mapping[str, Any]) -> str:
    told = [(key, value) for key, value in recipe.items() if value or key == "seed"]
    return ", ".join(f"{key.replace('_', ' ')} {_bare(value)}" for key, value in told)


def _training(run: Mapping[str, Any], kimg: float) -> str:
    target = run.get("target_kimg")
    of = f" of {target:g}" if isinstance(target, int | float) and target != kimg else ""
    on = f", on {run['device']}" if "device" in run else ""
    return f"{kimg:g}{of} kimg{on}" + (f", torch {run['torch']}" if "torch" in run else "")


def _again(header: Header, run: Mapping[str, Any]) -> str:
    data, recipe = _mapping(run, "data"), _mapping(run, "recipe")
    words = ["marrow train RUN"]
    if run.get("families"):
        words.append(f"--families {run['families']}")
    elif "folder" in data:
        words.append(f"--data {_bare(data['folder'])}")
    words += [f"--classes {_bare(run['classes_file'])}"] if run.get("classes_file") else []
    words += [f"--from {_bare(run['from'])}"] if run.get("from") else []
    words += [_option(key, header.config[key]) for key in SHAPE if key in header.config]
    words += [_option(key, recipe[key]) for key in RECIPE if _given(recipe.get(key))]
    words += ["--no-noise"] if recipe.get("noise") is False else []
    words += [f"--kimg {run['target_kimg']:g}"] if "target_kimg" in run else []
    return " ".join(words) + f"\nmarrow choose RUN --ship {header.path.name}"


def _given(value: object) -> bool:
    """0 is given, and differs from what is usual."""
    return value is not None and value is not False


def _option(key: str, value: object) -> str:
    flag = "--" + key.replace("_", "-")
    return flag if value is True else f"{flag} {value}"


def _bare(value: object) -> str:
    """Without the folders of the machine that it was made on."""
    return Path(value).name if isinstance(value, str) and "/" in value else str(value)


def _mapping(run: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = run.get(key)
    return value if isinstance(value, Mapping) else {}
