"""What the segmentation network learns from: painted photographs on disk, varied, with their targets."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.checkpoint import write_whole
from models.dataset.people.layout import INPUT, OFFSET_UNIT, PAD, STRIDE

FIRST_SEED = 1_000_000
"""Training paints from this seed on; seeds below it stay unseen, for measuring."""
PAINTED = 320
"""The longer side of a training photograph as it is kept on disk, in pixels."""
SHAPES = ((INPUT, INPUT), (192, INPUT), (160, INPUT), (INPUT, 192))
"""The shapes of a batch, (height, width)."""
COMPOSITES = 0.2
"""How many of the pictures are composites: the second filter of a data set counts the people in those."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A training photograph: RGB (h, w, 3), labels (h, w) and a box of the head of each label, (n, 4)."""

    image: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    heads: NDArray[np.float32]


def _paint(folder: Path, index: int) -> None:
    from models.dataset.photographs import photograph

    path = folder / f"{index:06d}.npz"
    if path.exists():
        return
    photo = photograph(FIRST_SEED + index, PAINTED)
    heads = np.array([person.head for person in photo.people], np.float32)
    data = BytesIO()
    np.savez_compressed(data, image=photo.image, labels=photo.labels, heads=heads)
    write_whole(path, data.getvalue())


def paint_scenes(folder: Path, count: int, workers: int) -> Iterator[int]:
    """Paints what is missing of the first `count` scenes; yields the number of each as it is done."""
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn")) as pool:
        for index, _ in enumerate(pool.map(partial(_paint, folder), range(count), chunksize=4)):
            yield index


def read_scene(folder: Path, index: int) -> Scene:
    """Scene `index` of a folder that `paint_scenes` has filled."""
    with np.load(folder / f"{index:06d}.npz", allow_pickle=False) as file:
        return Scene(file["image"], file["labels"], file["heads"])


def _placed(scene: Scene, shape: tuple[int, int], rng: np.random.Generator) -> Scene:
    """The scene mirrored or not, scaled, and cropped or padded with grey to `shape`."""
    image, labels, heads = scene.image, scene.labels, scene.heads.copy()
    if rng.random() < 0.5:
        image, labels = image[:, ::-1], labels[:, ::-1]
        heads[:, [0, 2]] = image.shape[1] - heads[:, [2, 0]]
    height, width = image.shape[:2]
    fit = min(shape[0] / height, shape[1] / width)
    scale = fit * (1.0 if rng.random() < 0.5 else float(rng.uniform(0.75, 1.3)))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    image = np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)
    labels = np.asarray(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    full = np.full((*shape, 3), PAD, np.uint8)
    full_labels = np.zeros(shape, np.uint8)
    source, target, shift = [], [], []
    for have, want in zip(image.shape[:2], shape, strict=True):
        at = int(rng.integers(0, abs(have - want) + 1)) if scale != fit or rng.random() < 0.3 else 0
        length = min(have, want)
        source.append(slice(at, at + length) if have > want else slice(0, length))
        target.append(slice(0, length) if have > want else slice(at, at + length))
        shift.append(-at if have > want else at)
    full[tuple(target)] = image[tuple(source)]
    full_labels[tuple(target)] = labels[tuple(source)]
    heads = heads * (size[0] / width) + np.array([shift[1], shift[0]] * 2, np.float32)
    return Scene(full, full_labels, heads.astype(np.float32))


def _composite(scene: Scene, shape: tuple[int, int], rng: np.random.Generator) -> Scene:
    """Some of the people of a scene cut out and set side by side on black, as in a composite."""
    who = rng.permutation(len(scene.heads))[: int(rng.integers(1, 6))].tolist()
    column = shape[1] // max(len(who), int(rng.integers(3, 6)))
    top = round(shape[0] * float(rng.uniform(0, 0.35)))
    image, labels = np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8)
    heads = []
    for place, one in enumerate(who):
        mask = scene.labels == one + 1
        x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
        scale = column / width * float(rng.uniform(0.85, 1.0))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        part = (slice(y, y + height), slice(x, x + width))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        alpha = np.asarray(cv2.resize(mask[part].astype(np.float32), size, interpolation=way))
        cut = cv2.resize(scene.image[part], size, interpolation=way) * alpha[..., None]
        rows = min(size[1], shape[0] - top)
        at = (slice(top, top + rows), slice(place * column, place * column + size[0]))
        image[at] = cut[:rows].astype(np.uint8)
        labels[at][alpha[:rows] >= 0.5] = place + 1
        heads.append((scene.heads[one] - (x, y, x, y)) * scale + (place * column, top) * 2)
    return Scene(image, labels, np.array(heads, np.float32))


def _developed(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture under another light, through another lens, from another file."""
    gain = 2.0 ** rng.normal(0, 0.25) * 2.0 ** rng.normal(0, 0.1, 3)
    tone = (np.arange(256)[:, None] / 255) ** (2.0 ** float(rng.normal(0, 0.25))) * gain
    levels = np.clip(np.round(tone * 255), 0, 255).astype(np.uint8)
    image = np.asarray(cv2.LUT(image, levels[None]), np.uint8)
    if rng.random() < 0.1:
        image = np.repeat(image.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    if rng.random() < 0.25:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.2, 1.1))), np.uint8)
    if rng.random() < 0.4:
        noise = rng.normal(0, float(rng.uniform(0, 9)), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 95))])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return image


def _targets(scene: Scene) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Foreground, heat and offsets (4, h/2, w/2), and the labels (h/2, w/2)."""
    height, width = (side // STRIDE for side in scene.labels.shape)
    labels = np.ascontiguousarray(scene.labels[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE])
    target = np.zeros((4, height, width), np.float32)
    target[0] = (scene.labels > 0).reshape(height, STRIDE, width, STRIDE).mean(axis=(1, 3))
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    for label, (x0, y0, x1, y1) in enumerate(scene.heads, start=1):
        cx, cy = ((x0 + x1) / 2 - STRIDE / 2 + 0.5) / STRIDE, ((y0 + y1) / 2 - STRIDE / 2 + 0.5) / STRIDE
        own = labels == label
        target[2][own], target[3][own] = (cx - xs)[own] / OFFSET_UNIT, (cy - ys)[own] / OFFSET_UNIT
        px, py = round(float(cx)), round(float(cy))
        if own.any() and 0 <= px < width and 0 <= py < height:
            spread = max(1.0, 0.16 * float(x1 - x0) / STRIDE)
            heat = np.exp(-((xs - px) ** 2 + (ys - py) ** 2) / (2 * spread**2))
            np.maximum(target[1], heat, out=target[1])
    return target, labels


def batch(folder: Path, scenes: int, size: int, seed: int, step: int) -> tuple[
        NDArray[np.uint8], NDArray[np.float32], NDArray[np.uint8]]:  # fmt: skip
    """The batch of one step: pictures (n, 3, h, w), targets (n, 4, h/2, w/2) and labels (n, h/2, w/2).

    It depends on the seed and the step alone, so a run that was stopped sees what it would have seen.
    """
    rng = np.random.default_rng([seed, step])
    shape = SHAPES[int(rng.integers(len(SHAPES)))]
    pictures, targets, labels = [], [], []
    for index in rng.integers(0, scenes, size).tolist():
        scene = read_scene(folder, index)
        scene = (_composite if rng.random() < COMPOSITES else _placed)(scene, shape, rng)
        target, label = _targets(scene)
        pictures.append(_developed(scene.image, rng).transpose(2, 0, 1))
        targets.append(target)
        labels.append(label)
    return np.stack(pictures), np.stack(targets), np.stack(labels)
