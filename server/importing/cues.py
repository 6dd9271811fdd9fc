"""Entries of an old script as the text of a show file that plays the same, and what plays otherwise."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import tomlkit

from server.importing.oldscript import Argument, Entry, Hit, Message, Whisper
from show_control.actions import ANSWER
from show_control.clip import RATE
from show_control.errors import Problem
from show_control.matching import RATE as WORDS_A_SECOND

NOTE_SECONDS = 0.5
INSTEAD = "something"
"""What stands for an answer that nobody gave, until the crew has found better words."""

LEG_STEPS = 288
WANDERED = 24
"""Seeds of the walk that stands for the old one, which went for ever from one random point to the next."""


@dataclass(frozen=True, slots=True)
class Rig:
    """What the old rig's programs are in the new one.

    sampler   the target that plays notes
    streamer  the old name of what is the show itself now: its messages become looks, if there are `clips`
    clips     the names of the clips that the show will have
    language  that the guests speak
    """

    sampler: str = "audio"
    streamer: str = "stylegan"
    clips: Collection[str] = ()
    language: str = "en"


def show_text(
    title: str, entries: Sequence[Entry], rig: Rig, clips_table: str = ""
) -> tuple[str, list[Problem]]:
    """A show file with this [clips], and what of the entries it does not play, or plays otherwise."""
    writer = _Writer(rig, {entry.save for entry in entries if entry.save})
    cues = [cue for entry in entries for cue in writer.cues(entry)]
    last = len(cues) - 1
    blocks = [_cue("cue", cue if place < last else replace(cue, follow="")) for place, cue in enumerate(cues)]
    guests = [
        f'{role} = {{ rate = {WORDS_A_SECOND}, language = "{rig.language}" }}' for role in roles(entries)
    ]
    head = [f"[show]\ntitle = {_said(title)}", "\n".join(["[guests]", *guests])]
    head += [clips_table.strip()] if clips_table.strip() else []
    safe = "[safe]\nwalk = { still = 1 }\npsi = 0.7"
    return "\n\n".join([*head, safe, *blocks]) + "\n", writer.problems


def roles(entries: Iterable[Entry]) -> list[str]:
    """Everybody who speaks or is whispered to, in the order of their first words."""
    named = (
        [entry.speaker, *(whisper.to for whisper in (*entry.whispers, *entry.prompt))] for entry in entries
    )
    return list(dict.fromkeys(role for some in named for role in some if role))


def targets(entries: Iterable[Entry], rig: Rig) -> list[str]:
    """Whoever is sent messages."""
    found: dict[str, None] = {}
    for entry in entries:
        found |= dict.fromkeys(message.target for message in entry.messages if not _for_us(message, rig))
        found |= dict.fromkeys([rig.sampler] * bool(entry.hits))
    return list(found)


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue as text: its number, its name, and the lines under them, with `parts` where it is a group."""

    number: str
    name: str
    lines: tuple[str, ...] = ()
    follow: str = "done"
    pre_wait: float = 0.0
    notes: str = ""
    parts: "tuple[_Cue, ...]" = ()


class _Writer:
    def __init__(self, rig: Rig, saved: Collection[str]) -> None:
        self.problems: list[Problem] = []
        self._rig = rig
        self._saved = saved

    def cues(self, entry: Entry) -> list[_Cue]:
        """The cues of the list that play an entry: its looks, and the line or the in-ear or the sends."""
        looks = [
            (m.delay, look)
            for m in entry.messages
            if _for_us(m, self._rig) and (look := self._look(entry, m))
        ]
        at_once = [look for delay, look in looks if delay == 0.0]
        later = [(delay, look) for delay, look in looks if delay > 0.0]
        main = self._main(entry)
        numbers = [str(entry.place), *(f"{entry.place}.{nth}" for nth in range(1, len(at_once) + 1))]
        if main is None and not later:
            cues = [replace(look, number=number) for look, number in zip(at_once, numbers, strict=False)]
        else:
            whole = self._with_later(main, later, numbers[len(at_once)], entry)
            cues = [
                replace(look, number=number, follow="continue")
                for look, number in zip(at_once, numbers, strict=False)
            ]
            cues.append(whole)
        if cues:
            cues[0] = replace(cues[0], pre_wait=entry.delay, notes=entry.remark)
        return cues

    def _with_later(
        self, main: _Cue | None, later: Sequence[tuple[float, _Cue]], number: str, entry: Entry
    ) -> _Cue:
        """The main cue, in a group with the looks that come while it plays."""
        if main is not None and not later:
            return replace(main, number=number)
        parts = [*([main] if main else []), *(replace(look, pre_wait=delay) for delay, look in later)]
        if main is not None:
            self._say(
                entry,
                f"the cue is not done before its sequence begins, {max(d for d, _ in later):g} s in",
                "triggers-osc",
            )
        numbered = [replace(part, number=f"{number}.{nth}", follow="") for nth, part in enumerate(parts, 1)]
        return _Cue(number, parts[0].name, ('kind = "group"', 'mode = "together"'), parts=tuple(numbered))

    def _main(self, entry: Entry) -> _Cue | None:
        sends = self._sends(entry)
        if entry.speaker and (entry.open or entry.text):
            return _Cue("", _title(entry), (*self._line(entry), *sends))
        if entry.whispers:
            names = ", ".join(dict.fromkeys(whisper.to for whisper in entry.whispers))
            return _Cue("", f"In ear: {names}", ('kind = "in-ear"', *_items("plays", entry.whispers), *sends))
        return _Cue("", "Sends", ('kind = "send"', *sends)) if sends else None

    def _line(self, entry: Entry) -> list[str]:
        lines = ['kind = "line"', f"speaker = {_said(entry.speaker)}"]
        if entry.text:
            lines.append(f"text = {_said(self._filled(entry, 'text', entry.text))}")
        if entry.easier:
            lines.append(f"easier = {_said(self._filled(entry, 'timeout', entry.easier))}")
        if entry.noskip:
            lines.append("noskip = true")
        if entry.open:
            lines.append("open = true")
        if entry.save:
            lines += [f"save = {_said(entry.save)}", f"instead = {_said(INSTEAD)}"]
            self._say(
                entry, f'"{INSTEAD}" stands where nobody has answered: say better words, as instead', "save"
            )
        return [*lines, *(_items("prompt", entry.prompt) if entry.prompt else [])]

    def _filled(self, entry: Entry, key: str, text: str) -> str:
        """The text with what is no answer taken out of its %signs%."""
        for name in dict.fromkeys(ANSWER.findall(text)):
            if name not in self._saved:
                self._say(entry, f'no open line keeps %{name}%; "{INSTEAD}" stands there', key)
                text = text.replace(f"%{name}%", INSTEAD)
        return text

    def _sends(self, entry: Entry) -> list[str]:
        lines = [_send(message) for message in entry.messages if not _for_us(message, self._rig)]
        for hit in entry.hits:
            lines += _note(hit, self._rig.sampler)
        return ["send = [", *lines, "]"] if lines else []

    def _look(self, entry: Entry, message: Message) -> _Cue | None:
        """What the streamer did with a message, as a look."""
        match message:
            case Message(address="/start-sequence", args=(str(names),)):
                wanted = [name.strip() for name in names.split(",") if name.strip()]
                known = [name for name in wanted if name in self._rig.clips]
                for name in dict.fromkeys(wanted):
                    if name not in known:
                        self._say(
                            entry,
                            f'there is no clip "{name[:40]}" in [clips]; the others play',
                            "triggers-osc",
                        )
                if not known:
                    return None
                clips = ", ".join(_said(name) for name in known)
                return _Cue(
                    "", f"Clips: {', '.join(known)}"[:60],
                    (f"look = {{ walk = {{ clips = [{clips}] }} }}", "fade = 0"),
                )  # fmt: skip
            case Message(address="/random", args=(arg,)) if arg:
                seeds = ", ".join(str(seed) for seed in range(1, WANDERED + 1))
                seconds = WANDERED * LEG_STEPS / RATE
                self._say(
                    entry,
                    f"the random walk is a round of {WANDERED} seeds, {seconds:g} s long",
                    "triggers-osc",
                )
                return _Cue(
                    "", "Random walk", (f"look = {{ walk = {{ loop = [{seeds}], seconds = {seconds:g} }} }}",)
                )
        self._say(entry, f"the show itself has no {message.address[:40]}; left out", "triggers-osc")
        return None

    def _say(self, entry: Entry, message: str, key: str) -> None:
        self.problems.append(Problem(f"entry {entry.place}: {key}", message))


def _for_us(message: Message, rig: Rig) -> bool:
    return bool(rig.clips) and message.target == rig.streamer


def _title(entry: Entry) -> str:
    words = entry.text.split()
    short = " ".join(words[:5]) + ("..." if len(words) > 5 else "")
    return f"{entry.speaker.capitalize()}: {short or 'an answer'}"[:60]


# text


def _cue(table: str, cue: _Cue) -> str:
    lines = [f"[[{table}]]", f'number = "{cue.number}"', f"name = {_said(cue.name)}"]
    lines += [f"notes = {_said(cue.notes)}"] if cue.notes else []
    lines += [f"pre_wait = {_said(cue.pre_wait)}"] if cue.pre_wait else []
    lines += [f'follow = "{cue.follow}"'] if cue.follow else []
    return "\n".join([*lines, *cue.lines, *(_cue(f"{table}.cue", part) for part in cue.parts)])


def _items(key: str, whispers: Iterable[Whisper]) -> list[str]:
    lines = [f"{key} = ["]
    for whisper in whispers:
        pause = f", pause = {_said(whisper.pause)}" if whisper.pause else ""
        words = f"  # {whisper.words}" if whisper.words else ""
        lines.append(f"  {{ to = {_said(whisper.to)}, file = {_said(whisper.file)}{pause} }},{words}")
    return [*lines, "]"]


def _send(message: Message, always: bool = False) -> str:
    parts = [f"to = {_said(message.target)}", f"address = {_said(message.address)}"]
    parts += [f"args = [{', '.join(_said(arg) for arg in message.args)}]"] if message.args else []
    parts += [f"delay = {_said(message.delay)}"] if message.delay else []
    return f"  {{ {', '.join([*parts, *(['always = true'] if always else [])])} }},"


def _note(hit: Hit, sampler: str) -> list[str]:
    on = Message(sampler, "/noteOn", (hit.note, 127), hit.delay)
    off = Message(sampler, "/noteOff", (hit.note,), hit.delay + NOTE_SECONDS)
    return [_send(on), _send(off, always=True)]


def _said(value: Argument) -> str:
    """A value as TOML."""
    if isinstance(value, str):
        return tomlkit.string(value).as_string()
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value)
