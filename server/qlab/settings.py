"""The table [qlab] of config.toml: whether, and where, controllers made for QLab are heard."""

from server.configvalues import Port, Table, Text


class Qlab(Table):
    """Heard at `port`, over UDP and TCP, at the host of [osc], and at the port of [osc] as well.

    The port is the one on which QLab listens: beside a QLab on the same machine, choose another. With a
    `passcode` QLab's own words, /cue/... with them, are obeyed from nobody who has not sent it in /connect.
    It covers nothing else: all under /show, /control and what is patched stay open to who reaches a port.
    """

    port: Port = 53000
    passcode: Text = ""
