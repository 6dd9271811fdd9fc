"""Our own segmenter: its parts on made-up input, its weights on unseen photographs, its refusals."""

from pathlib import Path

import numpy as np
import pytest
import torch

from models.checkpoint import save
from models.dataset.compose import family_composites
from models.dataset.people import SegmenterError, segmenter
from models.dataset.people.evaluate import evaluate, measure
from models.dataset.people.network import FAMILY, PeopleNet
from models.dataset.people.own import WEIGHTS, OwnSegmenter, peaks, shares
from models.dataset.people.segmenter import Person, tight_box
from models.dataset.photographs import photograph


@pytest.mark.slow
def test_the_levels_hold_on_unseen_photographs() -> None:
    results, tiles, _ = evaluate(OwnSegmenter(), first=500, count=16, size=320, workers=2)
    ious = [iou for result in results for iou in result.ious]
    assert np.mean(ious) >= 0.85
    assert min(ious) > 0.4
    assert sum(result.counted for result in results) >= 15
    assert len(tiles) == 16


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size <= 8_000_000


def test_the_same_people_whatever_the_size() -> None:
    own = OwnSegmenter()
    for size in (256, 1500):
        photo = photograph(31, size)
        people = own.people(photo.image)
        result = measure(photo, people)
        assert result.counted
        assert np.mean(result.ious) > 0.85
        for person in people:
            assert person.mask.shape == photo.labels.shape
            assert person.mask.dtype == np.float32
            assert (person.mask.min(), person.mask.max()) == (0.0, 1.0)
            assert person.box == tight_box(person.mask)
            # Edges are alpha, not steps.
            assert ((person.mask > 0.05) & (person.mask < 0.95)).any()


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (33, 47), (400, 300)])
@pytest.mark.parametrize("value", [0, 127, 255])
def test_where_nobody_is_nobody_is_found(shape: tuple[int, int], value: int) -> None:
    assert OwnSegmenter().people(np.full((*shape, 3), value, np.uint8)) == []


def test_peaks_keep_their_distance_and_come_surest_first() -> None:
    heat = np.zeros((20, 20), np.float32)
    heat[5, 5], heat[5, 7], heat[15, 3], heat[2, 18] = 0.9, 0.8, 0.95, 0.2
    heat[10, 10:13] = 0.6  # a plateau is one peak
    assert peaks(heat, 0.3, 3).tolist() == [[15, 3], [5, 5], [10, 10]]
    assert peaks(heat, 0.99, 3).shape == (0, 2)


def test_shares_go_to_the_head_that_a_pixel_points_to() -> None:
    fore = np.ones((4, 10), np.float32)
    fore[3] = 0
    centres = np.array([[0, 1], [0, 8]])
    xs = np.arange(10, dtype=np.float32)
    offsets = np.zeros((2, 4, 10), np.float32)
    offsets[0] = np.where(xs < 6, 1, 8) - xs
    offsets[1] = -np.arange(4, dtype=np.float32)[:, None]
    found = shares(fore, offsets, centres, 1.0)
    assert (found[0, :3, :6] > 0.99).all()
    assert (found[1, :3, 6:] > 0.99).all()
    assert np.allclose(found.sum(axis=0), fore, atol=1e-6)


def test_fingerprints_follow_weights_and_parameters() -> None:
    assert OwnSegmenter().fingerprint == segmenter("own").fingerprint
    assert OwnSegmenter(sure=0.6).fingerprint != OwnSegmenter().fingerprint


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.safetensors"
    picture = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(SegmenterError, match="people network cannot be used"):
        OwnSegmenter(path).people(picture)
    network = PeopleNet()
    tensors = {name: t for name, t in network.state_dict().items() if t.is_floating_point()}
    save(path, "stylegan2", network.config, tensors, {})
    with pytest.raises(SegmenterError, match='family "stylegan2"'):
        OwnSegmenter(path).people(picture)
    lost = tmp_path / "lost.safetensors"
    name, *_ = tensors
    save(lost, FAMILY, network.config, {k: v for k, v in tensors.items() if k != name}, {})
    with pytest.raises(SegmenterError, match=name):
        OwnSegmenter(lost).people(picture)
    wide = tmp_path / "wide.safetensors"
    save(wide, FAMILY, {**network.config, "widths": [25, 48, 96, 160, 192]}, tensors, {})
    with pytest.raises(SegmenterError, match="do not fit"):
        OwnSegmenter(wide).people(picture)


def test_a_network_that_knows_nothing_finds_what_it_finds(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = PeopleNet()
    tensors = {name: t for name, t in network.state_dict().items() if t.is_floating_point()}
    path = tmp_path / "people.safetensors"
    save(path, FAMILY, network.config, tensors, {"score": [1.0, 4.0]})
    picture = np.random.default_rng(0).integers(0, 256, (90, 130, 3), np.uint8)
    for person in OwnSegmenter(path).people(picture):
        assert np.isfinite(person.mask).all()
        assert person.box == tight_box(person.mask)


def test_each_person_is_paired_once() -> None:
    photo = photograph(1, 96)
    truth = [(photo.labels == p.label).astype(np.float32) for p in photo.people]
    found = [Person(mask, (0, 0, 1, 1), 0.9) for mask in truth]
    assert measure(photo, found).ious == (1.0,) * len(truth)
    twice = measure(photo, [found[0], found[0]])
    assert twice.ious == (1.0,) + (0.0,) * (len(truth) - 1)
    assert not twice.counted
    assert measure(photo, []).ious == (0.0,) * len(truth)


def test_names_and_options() -> None:
    with pytest.raises(SegmenterError, match="own, masks, grabcut, maskrcnn"):
        segmenter("magic")
    with pytest.raises(SegmenterError, match=r'"own" cannot be made .*colour'):
        segmenter("own", colour="red")


def test_four_are_found_in_every_composite() -> None:
    own = OwnSegmenter()
    for seed in (70, 71):
        for composite in family_composites(seed, 512):
            people = own.people(composite.image)
            assert len(people) == 4
            for person, box in zip(people, composite.boxes, strict=True):
                assert np.abs(np.array(person.box) - box).max() <= 12
