"""Who is in a picture: segmenters by name."""

from models.dataset.people.segmenter import Segmenter, SegmenterError

NAMES = ("own", "masks", "grabcut", "maskrcnn")


def segmenter(name: str = "own", **options: str | int | float | bool) -> Segmenter:
    """The segmenter of a recipe. Raises SegmenterError with what is wrong and what may be said.

    own: weights, heat, apart, soft, least, softness, sharpen; masks: path; grabcut: boxes, rounds;
    maskrcnn: weights, sha256, least.
    """
    try:
        made: Segmenter
        match name:
            case "own":
                from models.dataset.people.own import OwnSegmenter

                made = OwnSegmenter(**options)  # type: ignore[arg-type]
            case "masks":
                from models.dataset.people.on_disk import DiskSegmenter

                made = DiskSegmenter(**options)  # type: ignore[arg-type]
            case "grabcut":
                from models.dataset.people.grabcut import GrabCutSegmenter

                made = GrabCutSegmenter(**options)  # type: ignore[arg-type]
            case "maskrcnn":
                from models.dataset.people.maskrcnn import MaskRCNNSegmenter

                made = MaskRCNNSegmenter(**options)  # type: ignore[arg-type]
            case _:
                raise SegmenterError(f'there is no segmenter "{name}"; choose one of {", ".join(NAMES)}')
    except (TypeError, ValueError, AttributeError) as error:
        raise SegmenterError(f'the segmenter "{name}" cannot be made of these options: {error}') from None
    return made
