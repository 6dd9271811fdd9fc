"""What cues send to MIDI outputs, judged before doors: what cannot be written as MIDI would be lost on the
night."""

from collections.abc import Collection, Iterator

from server.midi.message import NotMidi, written
from show_control.showfile import ShowFile


def misfits(show_file: ShowFile, outs: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """(cue number, key, what is wrong) of every send to one of the outputs that is no MIDI message."""
    for cue in show_file.cues.every.values():
        for nth, send in enumerate(cue.sends, 1):
            if send.target not in outs:
                continue
            try:
                written(1, send.address, send.args)
            except NotMidi as error:
                yield cue.number, f"send[{nth}]", f'"{send.target}" is a [[midi.out]]: {error}'
