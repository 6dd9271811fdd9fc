"""Who is at the other end of a network: tablets, OSC targets and senders, and whether each is well. Pure."""

from collections.abc import Iterator, Sequence

from server.doctor.finding import Finding, note, ok, problem
from server.monitor.facts import Facts, Plain

BEHIND, FAR_BEHIND = 500, 2000
"""Milliseconds that a tablet may be behind the show."""


def tablets(facts: Facts) -> Iterator[Finding]:
    pages: Sequence[Plain] | None = facts.health.get("pages")
    if pages is None:
        return
    tablets = [page for page in pages if page.get("wall") is None]
    if not any(page.get("role") == "operator" for page in tablets):
        yield note("tablets", "Nobody has the operator's page open.", "Open /operator on the tablet.")
    for page in tablets:
        delay, who = page.get("delay_ms"), f"{page['name']} ({page['role']})"
        if delay is not None and delay > FAR_BEHIND:
            yield problem(
                "tablets",
                f"{who} is {delay / 1000:.0f} s behind the show.",
                "Bring it nearer to the access point, or reload its page.",
            )
        elif delay is not None and delay > BEHIND:
            yield note(
                "tablets", f"{who} is {delay} ms behind the show.", "Bring it nearer to the access point."
            )
        else:
            yield ok("tablets", f"{who} is up to date{f', {delay} ms behind' if delay is not None else ''}.")
    if facts.recent.get("clients.stalled"):
        where = facts.health.get("details", {}).get("clients.stalled", "")
        yield note(
            "tablets",
            f"A page took nothing for a while and was let go within the last minute ({where}).",
            "It comes back by itself. If it does so often, look at the Wi-Fi.",
        )


def targets(facts: Facts) -> Iterator[Finding]:
    for target in facts.health.get("targets", ()):
        where = f"{target['name']} ({target['host']}, port {target['port']})"
        if target.get("last_error"):
            yield note(
                "OSC out",
                f"The last message to {where} did not get there: {target['last_error']}.",
                "Switch that machine on, look at its cable, and compare its address with osc.target in "
                "the config.",
            )
        else:
            yield ok(
                "OSC out", f"{where}: {target['sent']} messages. UDP does not say whether anybody listens."
            )
    if count := facts.recent.get("osc_out.unfit"):
        last = facts.health.get("details", {}).get("osc_out.unfit", "")
        yield note(
            "OSC out",
            f"Messages that cannot be written as OSC in the last minute: {count}. The last: {last}.",
            "Correct what that cue or controller sends. The target itself is not at fault.",
        )


_UNHEARD = {
    "osc.junk": ("Packets that are no OSC", "Look at what that program sends, and to which port."),
    "osc.ahead": ("Bundles for a time that is too far ahead", "Set the clocks of both machines."),
    "osc.unknown": (
        "Messages that mean nothing here",
        "Learn it on /monitor, or let it be silent.",
    ),
    "osc.refused": ("Messages that were refused", "Look on /monitor why."),
    "qlab.refused": ("QLab messages that were refused", "Look on /monitor why."),
}


def senders(facts: Facts) -> Iterator[Finding]:
    well = True
    details = facts.health.get("details", {})
    for key, (what, do) in _UNHEARD.items():
        if count := facts.recent.get(key):
            well = False
            yield note("OSC in", f"{what} in the last minute: {count}. The last: {details.get(key, '')}", do)
    if well:
        received = facts.recent.get("osc.received", 0)
        yield ok("OSC in", f"{received} messages in the last minute, and all of them mean something.")
