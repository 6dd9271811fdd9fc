"""Power and screens: what makes a machine slow, dark or asleep in the middle of a show. Where the system
tells."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from server.doctor.finding import Finding, note, ok, problem

TOPIC = "power"
WITHIN = 3.0
"""Seconds that a tool of the system may take to answer."""

LOW = 30.0
"""Percent of a battery that will not last a show."""

SELF_STEERING = ("intel_pstate", "amd-pstate-epp", "amd_pstate_epp")
"""Drivers whose governor "powersave" is the usual one and goes to full speed by itself."""


@dataclass(frozen=True, slots=True)
class Power:
    """`charge` in percent, None without a battery; `plugged`: on mains. `governor` and `driver` steer the
    cores' speed; `profile` is the machine's own. `screen` and `sleep` are seconds without a touch until the
    screen goes dark and the machine sleeps, 0 for never. Whatever the system does not tell is "" or None."""

    charge: float | None = None
    plugged: bool = True
    governor: str = ""
    driver: str = ""
    profile: str = ""
    screen: int | None = None
    sleep: int | None = None


def look(root: Path = Path("/")) -> Power:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    core = root / "sys/devices/system/cpu/cpu0/cpufreq"
    return Power(
        charge=None if battery is None else float(battery.percent),
        plugged=battery is None or battery.power_plugged is not False,
        governor=_word(core / "scaling_governor"),
        driver=_word(core / "scaling_driver"),
        profile=_word(root / "sys/firmware/acpi/platform_profile"),
        screen=_screen(),
        sleep=_sleep(),
    )


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _screen() -> int | None:
    """The first to act of those that darken screens."""
    known = [
        darkens
        for darkens in (_x11(_said("xset", "q")), _gnome_screen(), _mac(_said("pmset", "-g"), "displaysleep"))
        if darkens is not None
    ]
    return min((seconds for seconds in known if seconds), default=0 if known else None)


def _sleep() -> int | None:
    plugged = "org.gnome.settings-daemon.plugins.power"
    kind = _gnome(plugged, "sleep-inactive-ac-type").strip("'\n ")
    if kind:
        after = _number(_gnome(plugged, "sleep-inactive-ac-timeout"))
        return 0 if kind == "nothing" else after
    return _mac(_said("pmset", "-g"), "sleep")


def _gnome_screen() -> int | None:
    return _number(_gnome("org.gnome.desktop.session", "idle-delay"))


def _gnome(schema: str, key: str) -> str:
    """A setting of the desktop; "" where nobody is at one, and the setting acts on nothing."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return ""
    return _said("gsettings", "get", schema, key)


def _x11(said: str) -> int | None:
    """Seconds of `xset q`: the screen saver's or DPMS's, whichever is first."""
    saver = re.search(r"timeout:\s+(\d+)", said)
    if saver is None:
        return None
    after = [int(saver[1])]
    if "DPMS is Enabled" in said:
        after += [int(seconds) for seconds in re.findall(r"(?:Standby|Suspend|Off): (\d+)", said)]
    return min((seconds for seconds in after if seconds), default=0)


def _mac(said: str, key: str) -> int | None:
    """Minutes of `pmset -g`, as seconds."""
    minutes = re.search(rf"^\s*{key}\s+(\d+)", said, re.MULTILINE)
    return None if minutes is None else 60 * int(minutes[1])


def _number(said: str) -> int | None:
    """The last word of "uint32 300"."""
    number = re.search(r"(\d+)\s*$", said)
    return None if number is None else int(number[1])


def _said(program: str, *words: str) -> str:
    """What a program of the system prints; "" where it is missing, fails, or takes too long."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        done = subprocess.run(
            [path, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def judge(power: Power) -> Iterator[Finding]:
    if power.charge is not None and not power.plugged:
        tell = problem if power.charge < LOW else note
        yield tell(
            TOPIC,
            f"This machine runs on its battery, which has {power.charge:.0f} %: it is slower, and it will "
            "end.",
            "Plug it in, and see that the socket is on.",
        )
    elif power.charge is not None:
        yield ok(TOPIC, f"It is plugged in, the battery at {power.charge:.0f} %.")
    if power.governor == "powersave" and power.driver not in SELF_STEERING:
        yield note(
            TOPIC,
            "The cores are held at their lowest speed (governor powersave).",
            "sudo cpupower frequency-set -g performance, or choose Performance in the system's power "
            "settings.",
        )
    if power.profile in ("low-power", "quiet"):
        yield note(
            TOPIC,
            f"The machine saves power (profile {power.profile}).",
            "Choose Performance in the system's power settings.",
        )
    if power.screen:
        yield note(
            TOPIC,
            f"The screen goes dark after {_minutes(power.screen)} without a touch.",
            "Turn blanking off in the system's settings if this machine shows a wall or the operator's page.",
        )
    if power.sleep:
        yield problem(
            TOPIC,
            f"This machine goes to sleep after {_minutes(power.sleep)} without a touch, and the show with "
            "it.",
            "Turn automatic sleep off in the system's power settings.",
        )
    if power.screen is None and power.sleep is None:
        yield ok(
            TOPIC, "The system does not say when screens go dark. Look in its settings: never, for tonight."
        )
    elif not power.screen and not power.sleep:
        yield ok(
            TOPIC, "Neither the screen nor the machine goes to sleep by itself, as far as the system says."
        )


def _minutes(seconds: int) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
