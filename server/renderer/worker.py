"""The renderer process: the one that loads torch. Snapshots in on stdin, encoded frames out on stdout."""

import gc
import io
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from models.checkpoint import CheckpointError
from server.frames import EncodedFrame
from server.log import log_aside
from server.pacer import Pacer
from server.renderer.dissolve import Dissolve, Smoothed
from server.renderer.figures import Figures
from server.renderer.meter import Meter
from server.renderer.networks import Generator, Networks, Progress, in_background
from server.renderer.pipe import Decoder, Kind, encode, encode_json
from server.renderer.understudy import Part, Understudy
from show_control.look import MAIN
from show_control.snapshot import Snapshot

ALIVE_EVERY = 0.5
"""Seconds between the signs of life while it loads."""

PAINTED = 0.9
"""The part of the time between two frames, less what encoding takes, that painting may fill."""

READ_SIZE = 64 * 1024

LoadGenerator = Callable[[dict[str, Any], str, Progress], Generator]
"""(settings, name of the network, progress) -> its generator, not warm yet."""


class Inbox:
    """What the show process has said: the settings, and a mailbox of one snapshot. A thread fills it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._settings: dict[str, Any] | None = None
        self._snapshot: dict[str, Any] | None = None

    def listen(self, descriptor: int) -> None:
        """Read messages until the other end closes. To be run in a thread of its own."""
        decoder = Decoder()
        while data := os.read(descriptor, READ_SIZE):
            for message in decoder.feed(data):
                said = message.json()
                with self._condition:
                    if said["type"] == "start":
                        self._settings = said
                    else:
                        self._snapshot = said["snapshot"]
                    self._condition.notify_all()

    def settings(self) -> dict[str, Any]:
        """The settings; waits for them."""
        with self._condition:
            self._condition.wait_for(lambda: self._settings is not None)
            assert self._settings is not None
            return self._settings

    def first_snapshot(self) -> None:
        """Wait until there is a snapshot at all."""
        with self._condition:
            self._condition.wait_for(lambda: self._snapshot is not None)

    def take_snapshot(self) -> Snapshot | None:
        """The newest snapshot, if it has not been taken yet. ValueError if it is not one."""
        with self._condition:
            plain, self._snapshot = self._snapshot, None
        if plain is None:
            return None
        try:
            return Snapshot.from_plain(plain)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a snapshot: {error!r}") from error


class Outbox:
    """The pipe to the show process; any thread may use it."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def say(self, kind: str, **fields: object) -> None:
        self._send(encode_json({"type": kind, **fields}))

    def frame(self, frame: EncodedFrame) -> None:
        self._send(encode(Kind.FRAME, frame.pack()))

    def _send(self, data: bytes) -> None:
        with self._lock:
            self._pipe.write(data)
            self._pipe.flush()


def encode_jpeg(picture: npt.NDArray[np.uint8], quality: int) -> bytes:
    """uint8 (height, width, 3) to a baseline JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def render(inbox: Inbox, outbox: Outbox, networks: Networks, settings: dict[str, Any]) -> None:
    """Make and send pictures for ever: one for each stream at each tick, in one batch, and their energy.

    A snapshot or a look that is refused (ValueError) is counted, and the last good look goes on. Any other
    error ends the process, for most errors of a device leave it unusable; the supervisor starts a fresh one.
    """
    streams = [float(ahead) for ahead in settings["streams"]]
    quality = int(settings["jpeg_quality"])
    pacer = Pacer(int(settings["fps"]))
    figures = Figures(time.monotonic())
    understudy, dissolve = Understudy(), Dissolve(time.monotonic)
    encoding = Smoothed()
    meters = [Meter() for _ in streams]
    inbox.first_snapshot()
    snapshot: Snapshot | None = None
    good: tuple[Snapshot, dict[str, Part]] | None = None
    while True:
        tick = pacer.next(time.monotonic())
        time.sleep(max(0.0, tick.pts - time.monotonic()))
        begun = time.monotonic()
        room = PAINTED * (1 / pacer.fps - (encoding.seconds or 0.0))
        try:
            snapshot = inbox.take_snapshot() or snapshot
            if snapshot is None:
                raise ValueError("there is no readable snapshot yet")
            networks.attend(snapshot.wanted, snapshot.asked, good[1] if good else ())
            parts = understudy.parts(snapshot, tick.pts, streams, networks.ready)
            pictures = dissolve.paint(parts, networks.ready, room)
            good = snapshot, parts
        except ValueError as error:
            figures.refused += 1
            figures.reason = str(error)
            if good is None:
                continue
            pictures = dissolve.paint(good[1], networks.ready, room)
        generated = time.monotonic()
        shown = good[0]
        for stream, picture in enumerate(pictures):
            height, width = picture.shape[:2]
            outbox.frame(
                EncodedFrame(
                    seq=tick.number,
                    pts=tick.pts,
                    event=shown.event,
                    epoch=shown.epoch,
                    width=width,
                    height=height,
                    stream=stream,
                    cue=shown.cue,
                    jpeg=encode_jpeg(picture, quality),
                )
            )
        energies = [meter.measure(picture, tick.pts) for meter, picture in zip(meters, pictures, strict=True)]
        outbox.say("energy", streams=[energy.to_plain() for energy in energies])
        now = time.monotonic()
        encoding.add(now - generated)
        figures.ticks += 1
        figures.generate += generated - begun
        figures.encode += now - generated
        if figures.due(now):
            outbox.say("figures", **figures.take(now, pacer.skipped))


def run(load: LoadGenerator) -> int:
    """Be the renderer, on this process's stdin and stdout, with the generators that `load` makes.

    The main network is there before the first frame; others are loaded beside the running picture. Returns
    the exit status, and ends the whole process at once when stdin closes: the show has gone.
    """
    log_aside()
    outbox = Outbox(claim_stdout())
    inbox = Inbox()

    def listen() -> None:
        try:
            inbox.listen(sys.stdin.fileno())
        finally:
            # Without the show there is nothing to do, even if the main thread hangs in a driver.
            os._exit(0)

    loaded = threading.Event()

    def beat() -> None:
        """Signs of life, so that a stopped process is told from one that loads for long."""
        with suppress(BrokenPipeError):
            while not loaded.wait(ALIVE_EVERY):
                outbox.say("alive")

    threading.Thread(target=listen, daemon=True).start()
    threading.Thread(target=beat, daemon=True).start()

    def progress(note: str, fraction: float) -> None:
        outbox.say("progress", note=note, fraction=fraction)

    try:
        progress("starting the generator", 0.0)
        settings = inbox.settings()
        try:
            generator = load(settings, MAIN, progress)
        except (CheckpointError, OSError, ValueError) as error:
            outbox.say("failed", reason=str(error))
            return 2
        progress("warming up", 0.9)
        generator.warm_up(len(settings["streams"]), settings["bent_at"])
        # What is loaded now stays; looking through it for garbage would cost a frame every few seconds.
        gc.collect()
        gc.freeze()
        loaded.set()
        outbox.say(
            "ready",
            backend=generator.backend,
            why=generator.why,
            device=generator.device,
            size=generator.size,
        )

        def another(name: str, progress: Progress) -> Generator:
            generator = load(settings, name, progress)
            progress("warming up", 0.9)
            generator.warm_up(len(settings["streams"]), settings["bent_at"])
            return generator

        networks = Networks(another, in_background, outbox.say)
        networks.add(MAIN, generator)
        render(inbox, outbox, networks, settings)
    except BrokenPipeError:
        pass
    return 0


def claim_stdout() -> BinaryIO:
    """Keep the pipe for frames alone: whatever a library prints goes to stderr from now on."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def load_generator(settings: dict[str, Any], name: str, progress: Progress) -> Generator:
    """The real generator. Torch takes seconds to import, so the first words are said before."""
    path = settings["networks"].get(name)
    if path is None:
        raise ValueError(f'the rig has no network "{name}"; add it to [generator.networks]')
    progress("loading torch", 0.05)
    from models.ahead import try_out
    from models.generator import Generator as TorchGenerator

    if name != MAIN:
        progress("trying it in a process of its own", 0.1)
        batch, bent_at = len(settings["streams"]), settings["bent_at"]
        try_out(Path(path), settings["device"], settings["backend"], batch, bent_at)
    return TorchGenerator.load(
        Path(path),
        device=settings["device"],
        style_from=settings["style_from"],
        psi_below=settings["psi_below"],
        backend=settings["backend"],
        batch=len(settings["streams"]),
        hurry=name != MAIN,
        progress=progress,
    )


if __name__ == "__main__":
    sys.exit(run(load_generator))
