"""The patch: which message means which event. A lighting desk's word; here sensors meet controls and cues."""

from server.patch.address import ADDRESS, MAX_ADDRESS, fill, match_address, placeholders
from server.patch.builtin import BUILT_IN, ROOM, VERBS
from server.patch.entry import CurveName, EventName, PatchEntry
from server.patch.patch import MAX_REACHED, MAX_STRANGERS, Patch
from server.patch.words import (
    Bypassed,
    Refused,
    Unknown,
    cue_number,
    desk_mode,
    finite,
    network_name,
    note,
    shown,
    unit,
    utterance,
    within,
)

__all__ = [
    "ADDRESS",
    "BUILT_IN",
    "MAX_ADDRESS",
    "MAX_REACHED",
    "MAX_STRANGERS",
    "ROOM",
    "VERBS",
    "Bypassed",
    "CurveName",
    "EventName",
    "Patch",
    "PatchEntry",
    "Refused",
    "Unknown",
    "cue_number",
    "desk_mode",
    "fill",
    "finite",
    "match_address",
    "network_name",
    "note",
    "placeholders",
    "shown",
    "unit",
    "utterance",
    "within",
]
