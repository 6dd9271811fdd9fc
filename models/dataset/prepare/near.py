"""Which pictures look the same: perceptual hashes, and all pairs within a distance without all comparisons.

The hash is the 64-bit DCT hash of the imagehash library. Two hashes that differ in at most r bits agree in at
least one of r + 1 bands (pigeonhole), so only those that share a band are compared: multi-index hashing
(Norouzi, Punjani and Fleet, 2012), exact for any r.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

BITS = 64
BLOCK = 2**17
"""Pairs compared at a time: so many as stay in a core's cache."""

STAR = 64
"""Of more pictures than this with one hash, the first stands for all: pairs must not grow as their square."""

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]


def perceptual_hash(picture: Image.Image) -> int:
    """64 bits that hardly change when a picture is resized, recompressed or a little brighter."""
    import imagehash

    return int(str(imagehash.phash(picture)), 16)


def hashes_of(picture: Image.Image) -> tuple[int, int]:
    """Of a picture and of its mirror image."""
    # The hash is made of 32 x 32 grey values; reducing first costs it nothing and saves a second pass.
    small = picture.convert("L").resize((128, 128), Image.Resampling.BOX)
    return perceptual_hash(small), perceptual_hash(ImageOps.mirror(small))


def distance(a: int, b: int) -> int:
    """In how many bits two hashes differ."""
    return (a ^ b).bit_count()


def pairs(hashes: Hashes, radius: int) -> Indices:
    """All pairs of indices i < j whose hashes differ in at most `radius` bits: shape (n, 2), in order.

    Where more than `STAR` have one hash, their pairs are those with the first of them.
    """
    values, of = np.unique(hashes, return_inverse=True)
    members = _members(of, len(values))
    found = [np.empty((0, 2), np.int64)]
    found += [np.array(_all_pairs(same), np.int64) for same in members if len(same) > 1]
    for i, j in _distinct_pairs(values, radius):
        for a, others in _crossed(members[i], members[j]):
            found.append(np.stack([np.minimum(a, others), np.maximum(a, others)], axis=1))
    return np.unique(np.concatenate(found), axis=0)


def _members(of: Indices, count: int) -> list[Indices]:
    order = np.argsort(of, kind="stable")
    return np.split(order, np.searchsorted(of[order], np.arange(1, count)))


def _crossed(some: Indices, others: Indices) -> Iterator[tuple[int, Indices]]:
    if len(some) * len(others) > STAR**2:
        yield int(some[0]), others
        yield int(others[0]), some
        return
    for one in some.tolist():
        yield one, others


def _all_pairs(same: Indices) -> list[tuple[int, int]]:
    if len(same) > STAR:
        return [(int(same[0]), int(other)) for other in same[1:]]
    return [(int(a), int(b)) for n, a in enumerate(same) for b in same[n + 1 :]]


def _distinct_pairs(values: Hashes, radius: int) -> Iterator[tuple[int, int]]:
    edges = [BITS * band // (radius + 1) for band in range(radius + 2)]
    seen: set[tuple[int, int]] = set()
    for low, high in pairwise(edges):
        band = (values >> np.uint64(low)) & np.uint64(2 ** (high - low) - 1)
        order = np.argsort(band, kind="stable")
        _, starts = np.unique(band[order], return_index=True)
        for bucket in np.split(order, starts[1:]):
            for pair in _close_in(values, bucket, radius):
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _close_in(values: Hashes, bucket: Indices, radius: int) -> Iterator[tuple[int, int]]:
    inside = values[bucket]
    step = max(1, BLOCK // max(1, len(bucket)))
    for start in range(0, len(bucket), step):
        rows = slice(start, start + step)
        near = np.bitwise_count(inside[rows, None] ^ inside[None, start:]) <= radius
        for i, j in np.argwhere(near).tolist():
            if i >= j:
                continue
            a, b = int(bucket[start + i]), int(bucket[start + j])
            yield (a, b) if a < b else (b, a)


def neighbours(plain: Hashes, mirrored: Hashes | None, radius: int) -> dict[int, dict[int, tuple[int, bool]]]:
    """For each picture that has any, those like it: index -> (distance in bits, whether one is mirrored).

    `mirrored` holds the hashes of the mirror images, None where mirrored copies are pictures of their own.
    """
    count = len(plain)
    both = plain if mirrored is None else np.concatenate([plain, mirrored])
    found: dict[int, dict[int, tuple[int, bool]]] = {}
    for a, b in pairs(both, radius).tolist():
        i, j, flipped = a % count, b % count, (a < count) != (b < count)
        if i == j:
            continue
        close = (distance(int(both[a]), int(both[b])), flipped)
        for one, other in ((i, j), (j, i)):
            known = found.setdefault(one, {})
            known[other] = min(close, known.get(other, close))
    return found
