"""What is seen: pictures, networks and walls, and whether each is well. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from server.doctor.finding import Finding, megabytes, note, ok, problem
from server.monitor.facts import Facts, Plain

SLOW, STALLED = 0.9, 0.5
"""Shares of the frames asked for."""

BEHIND = 500
"""Milliseconds that a wall may be behind the show."""


def pictures(facts: Facts) -> Iterator[Finding]:
    topic, renderer = "pictures", facts.health["renderer"]
    state, fps, asked = renderer["state"], float(renderer["fps"]), facts.asked
    how = f"{renderer.get('backend') or 'no backend'} on {renderer.get('device') or 'no device'}"
    memory = facts.health.get("processes", {}).get("renderer_rss")
    size = f", {megabytes(memory)} of memory" if memory else ""
    match state:
        case "starting":
            share = round(100 * float(renderer.get("progress", 0.0)))
            yield note(
                topic, f"The picture is being loaded: {renderer['note']}, {share} %.", "Wait a minute."
            )
            return
        case "restarting":
            yield problem(
                topic,
                f"No picture now: {renderer['note']}.",
                "It comes back by itself within half a minute. If not, stop Marrow and start it again.",
            )
            return
        case "failed":
            yield problem(
                topic,
                f"No picture: {renderer['note']}.",
                "Stop Marrow (Ctrl-C) and run: marrow doctor. It says what to mend.",
            )
            return
    figures = f"{fps:.0f} of {asked} pictures a second, by {how}{size}"
    skipped = int(renderer.get("skipped") or 0)
    if fps < STALLED * asked:
        yield problem(
            topic,
            f"Only {figures}.",
            "Close other programs, or lower generator.fps in the config. Look at temperature and power.",
        )
    elif fps < SLOW * asked or skipped > (1 - SLOW) * asked:
        yield note(
            topic,
            f"Only {figures}; {skipped} were late in the last second.",
            "Close other programs, or lower generator.fps in the config.",
        )
    else:
        yield ok(topic, f"{figures}.")
    if facts.recent.get("renderer.restarts"):
        why = facts.health.get("details", {}).get("renderer.restarts", "")
        yield note(
            topic,
            f"The renderer was replaced within the last minute: {why}.",
            "Watch whether it happens again.",
        )


def networks(networks: Mapping[str, Plain]) -> Iterator[Finding]:
    for name, network in networks.items():
        match network.get("state"):
            case "failed":
                yield problem(
                    "networks",
                    f"The network {name} cannot be played: {network.get('note', '')}.",
                    "Cues with it show another. Mend or convert its file, then restart.",
                )
            case "loading":
                share = round(100 * float(network.get("fraction") or 0.0))
                yield ok("networks", f"The network {name} is being loaded, {share} %.")
            case _:
                yield ok("networks", f"The network {name} is ready.")


def walls(facts: Facts) -> Iterator[Finding]:
    """A wall can show no more than is painted: what is missing there is told once, as the picture's."""
    pages: Sequence[Plain] | None = facts.health.get("pages")
    if pages is None:
        return
    renderer = facts.health["renderer"]
    painted = min(facts.asked, float(renderer["fps"])) if renderer["state"] == "running" else 0.0
    for wall in facts.walls:
        mine = [page for page in pages if page.get("wall") == wall and page.get("role") != "preview"]
        if not mine:
            worth = problem if facts.open else note
            yield worth(
                f"wall {wall}",
                f"Nobody shows the wall {wall}: no page of it is open.",
                f"On the machine of that wall, open /projector/{wall} and press F.",
            )
        for page in mine:
            fps, delay = page.get("fps"), page.get("delay_ms")
            if not painted:
                yield ok(f"wall {wall}", f"Open on {page['address']}, waiting for pictures.")
            elif fps is not None and fps < STALLED * painted:
                yield problem(
                    f"wall {wall}",
                    f"The wall {wall} shows only {fps:.0f} pictures a second ({page['address']}).",
                    "Look at its network cable, then at what else that machine does. Reload its page.",
                )
            elif (fps is not None and fps < SLOW * painted) or (delay or 0) > BEHIND:
                yield note(
                    f"wall {wall}",
                    f"The wall {wall} shows {fps or 0:.0f} of {painted:.0f} pictures a second, "
                    f"{delay or 0} ms behind ({page['address']}).",
                    "Use a cable instead of Wi-Fi, and close what else that machine does.",
                )
            else:
                figures = "" if fps is None else f", {fps:.0f} pictures a second"
                yield ok(f"wall {wall}", f"Shown on {page['address']}{figures}.")
