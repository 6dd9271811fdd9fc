"""MIDI in and out, where the extra "midi" (python-rtmidi) is installed.

What comes in becomes OSC messages, so that the patch, the pages and OSCQuery need to know nothing of MIDI.
What cues send to a MIDI output is written as they write it for a sampler that speaks OSC.
"""
