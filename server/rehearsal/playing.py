"""What the commands share: a log that is told as it comes, and files that are read or refused."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from models.terminal import Refusal, say
from server.config import ConfigError, load_rig
from server.rehearsal.performance import Moment
from server.rig import Rig
from show_control.errors import ShowFileError
from show_control.showfile import ShowFile, parse_show


def rig_of(config: Path) -> Rig:
    """Raises Refusal, with every problem in a line."""
    try:
        return load_rig(config)
    except ConfigError as error:
        raise Refusal(str(error)) from None


def show_of(path: Path) -> ShowFile:
    """Raises Refusal, with every problem in a line."""
    try:
        return parse_show(path.read_text(encoding="utf-8"), path.name)
    except ShowFileError as error:
        raise Refusal(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Refusal(f"cannot read {path}: {reason}") from None


def paced(
    moments: Iterable[Moment],
    began: float,
    speed: float | None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Moment]:
    """Each moment at its time, `speed` times as fast as the show's clock goes; None: as fast as they come."""
    anchor = clock()
    for moment in moments:
        if speed is not None and (wait := anchor + (moment.at - began) / speed - clock()) > 0.0:
            sleep(wait)
        yield moment


def told(moments: Iterable[Moment], log: Path | None) -> None:
    """Write the log to the terminal or, instead, into a file."""
    if log is None:
        _tell(moments, say)
        return
    with log.open("w", encoding="utf-8", newline="\n") as file:
        _tell(moments, lambda line: file.write(f"{line}\n"))


def _tell(moments: Iterable[Moment], tell: Callable[[str], object]) -> None:
    for moment in moments:
        for entry in moment.entries:
            tell(str(entry))
