"""The rig: what differs between venues, as config.toml says it. Nothing else of the server does."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError

from server.configvalues import Ip, Name, Number, Port, Table, Text
from server.light.config import Light
from server.midi.config import Midi
from server.night.journal import DEFAULT, Limits
from server.outbox import ScriptTargets
from server.patch import PatchEntry
from server.qlab.settings import Qlab
from server.renderer import Backend
from server.telling.settings import TellPattern, TellRate
from show_control.look import MAIN
from show_control.lookfile import NAME


def _safetensors(path: Path) -> Path:
    if path.suffix != ".safetensors":
        raise PydanticCustomError(
            "weights",
            "expected a .safetensors file (convert it: marrow convert {path})",
            {"path": str(path)},
        )
    return path


def _network_name(name: str) -> str:
    if name == MAIN or not NAME.fullmatch(name):
        raise PydanticCustomError(
            "network", 'a network is named by a word such as "sea"; "main" is what `weights` names'
        )
    return name


Weights = Annotated[Path, AfterValidator(_safetensors)]
NetworkName = Annotated[Text, AfterValidator(_network_name)]


class Web(Table):
    """Where pages are served. On loopback unless the rig says otherwise."""

    host: Ip = "127.0.0.1"
    port: Port = 8000


class Target(Table):
    """A program that OSC is sent to: the cues' sends, by its name. `tell`: what it is told of the show, as
    patterns below /marrow, `rate` times a second at most. `state`: where the show is."""

    name: Name
    host: Ip = "127.0.0.1"
    port: Port
    state: Annotated[bool, Strict()] = False
    tell: tuple[TellPattern, ...] = ()
    rate: TellRate | None = None


class Osc(Table):
    """Where OSC is heard, and who is sent some."""

    host: Ip = "127.0.0.1"
    port: Port = 9000
    targets: tuple[Target, ...] = Field(default=(), alias="target")


class GeneratorSettings(Table):
    """What the renderer loads, and how fast it paints. `weights` is the network "main"; `networks` are others
    that looks may name. Layers from resolution `style_from` on are fine; psi acts on those below `psi_below`
    only (None: on all), which is the cutoff of truncation."""

    weights: Weights
    networks: dict[NetworkName, Weights] = Field(default_factory=dict)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    backend: Backend = "auto"
    fps: Annotated[int, Strict(), Field(ge=1, le=120)] = 30
    jpeg_quality: Annotated[int, Strict(), Field(ge=1, le=100)] = 85
    style_from: Annotated[int, Strict(), Field(ge=4, le=1024)] = 32
    psi_below: Annotated[int, Strict(), Field(ge=8, le=2048)] | None = None

    @property
    def all_networks(self) -> dict[str, Path]:
        """Every network by its name, "main" first."""
        return {MAIN: self.weights, **self.networks}

    def within(self, folder: Path) -> Self:
        """The same, with its paths starting at a folder."""
        networks = {name: folder / path for name, path in self.networks.items()}
        return self.model_copy(update={"weights": folder / self.weights, "networks": networks})


class Projector(Table):
    """A wall. `ahead` shifts its walk by that many seconds of travel, so that it is no twin of the others."""

    name: Name
    ahead: Number = 0.0


class Rig(BaseModel):
    """Everything that differs between venues. Paths are absolute, or relative to the working directory."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)

    web: Web
    osc: Osc
    qlab: Qlab | None = None
    show: Path
    generator: GeneratorSettings
    projectors: tuple[Projector, ...]
    seats: tuple[str, ...]
    script: ScriptTargets = ScriptTargets()
    ears: Path | None = None
    patch: tuple[PatchEntry, ...]
    midi: Midi = Midi()
    lights: tuple[Light, ...] = ()
    journal: Path | None = None
    journal_limits: Limits = DEFAULT

    @property
    def followed(self) -> list[tuple[str, str]]:
        """(key path, name) of all that lights and MIDI controllers follow."""
        channels = [
            (f"light {nth} channel {each.channel}", each.follow)
            for nth, one in enumerate(self.lights, 1)
            for each in one.channels
        ]
        controllers = [
            (f"midi.out {out.name} cc {each.number}", each.follow)
            for out in self.midi.outs
            for each in out.cc
        ]
        return [(where, name) for where, name in (*channels, *controllers) if name is not None]
