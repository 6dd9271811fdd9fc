"""When a renderer counts as dead: by its progress, not by the life of its process. Pure."""

STUCK_AFTER = 2.0
"""Seconds without a frame after which a running renderer is taken for dead."""

SILENT_AFTER = 5.0
"""Seconds without a sign of life after which a renderer that is still loading is taken for dead. It gives one
every 0.5 s; importing torch and making a CUDA context keep it from that for a while."""

HUNG_AFTER = 60.0
"""Seconds without progress after which it is taken for dead whatever signs of life it gives: its main thread
hangs in a driver, say."""

STABLE_AFTER = 3.0
"""Seconds of frames after which earlier deaths are forgiven."""


class Watch:
    """Decides from progress, not from process life, whether a renderer is dead. Pure.

    `patience` multiplies SILENT_AFTER, and STUCK_AFTER until it has been stable.
    """

    def __init__(self, now: float, patience: float = 1.0) -> None:
        self._patience = patience
        self._first_frame: float | None = None
        self._alive = now
        self._progress = now
        self._looked = now

    def alive(self, now: float) -> None:
        """It gave a sign of life."""
        self._alive = now

    def heard(self, now: float) -> None:
        """It said how far it is. Once frames have begun, only a frame is progress."""
        self._alive = now
        if self._first_frame is None:
            self._progress = now

    def frame(self, now: float) -> None:
        if self._first_frame is None:
            self._first_frame = now
        self._progress = now

    def verdict(self, now: float) -> str:
        """Why the renderer is to be replaced, or ''. To be asked often: after an absence of the asker himself
        (a suspended machine, a stopped process) everybody is given a new start."""
        if now - self._looked > STUCK_AFTER / 2:
            self._alive = self._progress = now
        self._looked = now
        silence, stuck = now - self._alive, now - self._progress
        if self._first_frame is not None:
            limit = STUCK_AFTER if self.stable else STUCK_AFTER * self._patience
            return f"no frame for {stuck:.1f} s" if stuck > limit else ""
        if silence > SILENT_AFTER * self._patience:
            return f"no sign of life for {silence:.1f} s while loading"
        return f"no progress for {stuck:.0f} s while loading" if stuck > HUNG_AFTER else ""

    @property
    def stable(self) -> bool:
        """Whether frames came for so long that whatever ended it is no consequence of its start."""
        return self._first_frame is not None and self._progress - self._first_frame > STABLE_AFTER
