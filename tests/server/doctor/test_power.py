"""Power and screens: from what the real programs print."""

from pathlib import Path

import pytest

from server.doctor import power
from server.doctor.finding import Level
from server.doctor.power import Power, judge, look

XSET = """Keyboard Control:
  auto repeat:  on    key click percent:  0    LED mask:  00000000
Screen Saver:
  prefer blanking:  yes    allow exposures:  yes
  timeout:  {saver}    cycle:  600
DPMS (Energy Star):
  Standby: {standby}    Suspend: 900    Off: 1200
  DPMS is {dpms}
"""
PMSET = """System-wide power settings:
Currently in use:
 standby              1
 displaysleep         10
 sleep                {sleep} (sleep prevented by powerd)
"""
GNOME = """case "$3" in
  idle-delay) echo "uint32 {idle}" ;;
  sleep-inactive-ac-type) echo "'{kind}'" ;;
  *) echo 1200 ;;
esac"""


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs that are found before all others, and instead of them."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DISPLAY", ":0")
    return folder


def put(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def prints(text: str) -> str:
    """A script without any other program."""
    return f"while IFS= read -r line; do echo \"$line\"; done <<'END'\n{text}\nEND"


@pytest.mark.parametrize(
    ("saver", "standby", "dpms", "seconds"),
    [
        (600, 300, "Enabled", 300),
        (600, 300, "Disabled", 600),
        (0, 0, "Disabled", 0),
        (0, 300, "Enabled", 300),
    ],
)
def test_x11_says_when_the_screen_goes_dark(
    tools: Path, saver: int, standby: int, dpms: str, seconds: int
) -> None:
    put(tools, "xset", prints(XSET.format(saver=saver, standby=standby, dpms=dpms)))
    assert look().screen == seconds


def test_gnome_says_when_the_screen_goes_dark_and_the_machine_sleeps(tools: Path) -> None:
    put(tools, "gsettings", GNOME.format(idle=300, kind="suspend"))
    found = look()
    assert (found.screen, found.sleep) == (300, 1200)
    dark, asleep = (finding for finding in judge(found) if finding.level is not Level.OK)
    assert dark.level is Level.NOTE
    assert "5 minutes" in dark.what
    assert asleep.level is Level.PROBLEM
    assert "goes to sleep after 20 minutes" in asleep.what


def test_gnome_that_never_sleeps(tools: Path) -> None:
    put(tools, "gsettings", GNOME.format(idle=0, kind="nothing"))
    found = look()
    assert (found.screen, found.sleep) == (0, 0)
    assert {finding.level for finding in judge(found)} == {Level.OK}


def test_macos_says_both_in_minutes(tools: Path) -> None:
    put(tools, "pmset", prints(PMSET.format(sleep=1)))
    assert (look().screen, look().sleep) == (600, 60)
    put(tools, "pmset", prints(PMSET.format(sleep=0)))
    assert look().sleep == 0


def test_programs_that_hang_fail_or_are_missing_say_nothing(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "WITHIN", 0.2)
    put(tools, "xset", "while :; do :; done")
    put(tools, "gsettings", "echo 300; exit 1")
    found = look()
    assert (found.screen, found.sleep) == (None, None)
    assert "does not say" in [finding.what for finding in judge(found)][-1]


def test_the_systems_files_say_how_fast_the_cores_may_be(tmp_path: Path, tools: Path) -> None:
    core = tmp_path / "sys/devices/system/cpu/cpu0/cpufreq"
    core.mkdir(parents=True)
    (core / "scaling_governor").write_text("powersave\n")
    (core / "scaling_driver").write_text("acpi-cpufreq\n")
    (tmp_path / "sys/firmware/acpi").mkdir(parents=True)
    (tmp_path / "sys/firmware/acpi/platform_profile").write_text("low-power\n")
    found = look(tmp_path)
    assert (found.governor, found.driver, found.profile) == ("powersave", "acpi-cpufreq", "low-power")
    notes = [finding for finding in judge(found) if finding.level is Level.NOTE]
    assert len(notes) == 2
    assert "governor powersave" in notes[0].what


def worst(power: Power) -> Level:
    return max((finding.level for finding in judge(power)), key=list(Level).index)


def test_power_is_judged() -> None:
    assert worst(Power(screen=0, sleep=0)) is Level.OK
    assert worst(Power(charge=80.0)) is Level.OK
    assert worst(Power(charge=80.0, plugged=False)) is Level.NOTE
    assert worst(Power(charge=12.0, plugged=False)) is Level.PROBLEM
    assert worst(Power(governor="powersave", driver="intel_pstate")) is Level.OK
