"""MIDI in and out, as the show has it: messages to the inlet, sends to the outputs that are plugged in.

One thread has everything that could wait for a driver. Between it and the loop are two queues that nobody
waits at. It asks for what was played, many times a second: the library would also call back, but from threads
that it waits for, with the interpreter locked, when a port is closed; and then nobody goes on.
"""

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from server.doctor.finding import Finding
from server.doctor.midi import PortNow, judge
from server.follow import Readings
from server.health import Health
from server.midi.config import Midi as Config
from server.midi.controllers import EVERY, Controllers
from server.midi.message import NOTE_OFF, NotMidi, heard, written
from server.midi.plugs import BROKEN, Plug, Plugs
from server.midi.system import NoMidi, PortIn, PortOut, System, open_system
from server.osc import Peer, encode

LOOK_EVERY = 0.25
"""Seconds between looks at what is plugged in. A cable that is pulled and put back takes longer than that."""

ASK_EVERY = 0.004
"""Seconds between asking the inputs for what was played, if there are any."""

MOST_WAITING = 512
"""Messages that wait for the loop, or for a driver; what is over is counted and lost."""

LATE_AFTER = 1.0
"""Seconds that a message may have waited for a driver. Later it is not sent, unless it ends a note."""

AGAIN_AFTER = 5.0
"""Seconds until MIDI is tried again after it has failed as a whole."""

PATIENCE = 2.0
"""Seconds that the end of the show waits for the drivers."""


@dataclass(frozen=True, slots=True)
class Player:
    """Whoever plays on an input. MIDI has no answers."""

    port: str

    @property
    def name(self) -> str:
        return f"midi {self.port}"

    def send(self, packet: bytes) -> None:
        """Nothing to be done."""


class Midi:
    """The rig's MIDI ports. Made on the event loop, where it lives but for its thread."""

    def __init__(
        self,
        config: Config,
        take: Callable[[bytes, Peer], object],
        passed: Callable[[str, str, Sequence[object], str], object],
        health: Health,
        system: Callable[[], System] = open_system,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`take` is an inlet's, for what comes in. `passed` sees what goes out (OscOut.passed). `system`
        raises NoMidi where there is none. The clock is read on both sides."""
        self.names = tuple(out.name for out in config.outs)
        self._config = config
        self._take_in = take
        self._passed = passed
        self._health = health
        self._open_system = system
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._ins = {each.name: Plug[PortIn](each.name, each.port) for each in config.ins}
        self._outs = {each.name: Plug[PortOut](each.name, each.port) for each in config.outs}
        self._controllers = Controllers(config.outs)
        self._played: deque[tuple[str, Sequence[int]]] = deque()
        self._crossing = False
        self._lost = 0
        self._off: NoMidi | None = None
        self._to_send: queue.Queue[tuple[float, str, bytes]] = queue.Queue(MOST_WAITING)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)

    def start(self) -> None:
        """Nothing happens where the rig names no ports."""
        if self._ins or self._outs:
            self._thread.start()

    def stop(self) -> None:
        """Closes the ports; waits for that, but not long. To be called off the loop, which has to go on."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    def send(self, target: str, address: str, args: Sequence[object] = ()) -> None:
        """Sends one message to an output, by its name. Never waits; what fails is counted as
        "midi_out.failed"."""
        error = self._queue(target, address, args)
        if error:
            self._count("midi_out.failed", f'{address} to "{target}": {error}')
        self._passed(target, address, args, error)

    def _queue(self, target: str, address: str, args: Sequence[object]) -> str:
        """Returns why that cannot be, or ""."""
        out = next(out for out in self._config.outs if out.name == target)
        try:
            data = written(out.channel, address, args)
        except NotMidi as error:
            return str(error)
        if not self._outs[target].port:
            return "it is not plugged in"
        try:
            self._to_send.put_nowait((self._clock(), target, data))
        except queue.Full:
            return "its driver takes nothing"
        return ""

    async def follow(self, readings: Readings) -> None:
        """Lets the controllers follow what they follow, until it is cancelled."""
        while self._controllers:
            plugged = {name: plug.port for name, plug in self._outs.items()}
            for name, number, value in self._controllers.step(readings, plugged, self._clock()):
                self.send(name, "/cc", (number, value))
            await asyncio.sleep(EVERY)

    def ports(self) -> list[PortNow]:
        """The ports that the rig names, as they are now."""
        ins = [PortNow("input", plug.name, plug.wanted, plug.port) for plug in self._ins.values()]
        return ins + [PortNow("output", plug.name, plug.wanted, plug.port) for plug in self._outs.values()]

    def findings(self) -> Iterator[Finding]:
        """For health."""
        return judge(self._off, self.ports())

    # on the thread

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._serve(self._open_system())
            except NoMidi as reason:
                self._off = reason
                self._tell("midi.off", str(reason))
                return
            except BROKEN as error:
                self._tell("midi.failed", f"the system's MIDI has failed, and is tried again: {error}")
                self._over.wait(AGAIN_AFTER)

    def _serve(self, system: System) -> None:
        ins = Plugs("input", tuple(self._ins.values()), partial(_deaf, system), self._tell)
        outs = Plugs("output", tuple(self._outs.values()), system.make_out, self._tell)
        pause = ASK_EVERY if self._ins else LOOK_EVERY
        look_at = self._clock()
        try:
            while not self._over.is_set():
                if self._clock() >= look_at:
                    look_at = self._clock() + LOOK_EVERY
                    ins.look()
                    outs.look()
                for plug in self._ins.values():
                    self._ask(plug)
                self._send_next(pause)
            while not self._to_send.empty():  # what closes as the show ends
                self._send_next(0.0)
        finally:
            ins.close()
            outs.close()

    def _ask(self, plug: Plug[PortIn]) -> None:
        if plug.handle is None:
            return
        for _ in range(MOST_WAITING):
            if (event := plug.handle.get_message()) is None:
                return
            self._play(plug.name, event[0])

    def _send_next(self, within: float) -> None:
        """Sends the next message that comes within so many seconds, if one does."""
        try:
            since, target, data = self._to_send.get(timeout=within)
        except queue.Empty:
            return
        plug = self._outs[target]
        if self._clock() > since + LATE_AFTER and data[0] & 0xF0 != NOTE_OFF:
            self._tell("midi_out.failed", f'to "{target}": its driver was away, and it would have been late')
        elif plug.handle is None:
            self._tell("midi_out.failed", f'to "{target}": it was pulled out')
        else:
            try:
                plug.handle.send_message(data)
            except BROKEN as error:
                self._tell("midi_out.failed", f'to "{target}": {error}')

    def _tell(self, key: str, words: str) -> None:
        self._loop.call_soon_threadsafe(self._count, key, words)

    def _play(self, port: str, data: Sequence[int]) -> None:
        if len(self._played) >= MOST_WAITING:
            self._lost += 1
            return
        self._played.append((port, data))
        if not self._crossing:  # one call of the loop for all that comes until it has time
            self._crossing = True
            self._loop.call_soon_threadsafe(self._take)

    # on the loop

    def _take(self) -> None:
        self._crossing = False
        if self._lost:
            lost, self._lost = self._lost, 0
            self._health.count("midi.flooded", lost)
        for _ in range(len(self._played)):
            port, data = self._played.popleft()
            if message := heard(port, data):
                self._health.count("midi.received")
                self._take_in(encode(*message), Player(port))

    def _count(self, key: str, words: str) -> None:
        self._health.count(key, 1, words)


def _deaf(system: System) -> PortIn:
    """An input that does not hear what means nothing here: a clock alone is 48 messages a second."""
    port = system.make_in()
    port.ignore_types(True, True, True)  # system exclusive, timing, active sensing
    return port
