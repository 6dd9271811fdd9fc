"""The patch for SuperCollider, in SuperCollider: what it hears of a show and sends, how its drone sounds.

The drone is rendered to a file, which needs neither a sound card nor a running server.
"""

import os
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np

from tests.patches.conftest import ROOT, Wire
from tests.patience import PATIENCE

PATCH = ROOT / "static" / "patches" / "marrow.scd"
RATE = 22050
DRIVER = """
(
"{patch}".load;
{{
	var find = {{ |test, words|
		300.do {{ if(test.value.not) {{ 0.1.wait }} }};
		if(test.value.not) {{ ("never" + words).postln }}
	}};
	var turn;
	~plate.("mom", 0.7);
	~go.();
	find.({{ ~now[\\current].asString == "1" }}, "current");
	find.({{ ~now[\\control]['plate.mom'] !? {{ |value| value > 0.69 }} ? false }}, "control");
	find.({{ ~now[\\turn] > 0 }}, "turn");
	turn = ~now[\\turn];
	find.({{ ~now[\\turn] > turn }}, "another turn");
	find.({{ ~now[\\brightness] > 0.7 }}, "brightness");
	find.({{ ~now[\\left][0] == ~now[\\brightness] }}, "left");
	("heard" + [\\current, \\speed, \\brightness, \\turn].collect(~now[_]).join(" ")).postln;
	~show = NetAddr("127.0.0.1", {port});
	~say.("dad", "let us eat");
	Score([
		[0.0, [\\d_recv, ~drones[0].asBytes]],
		[0.0, [\\d_recv, ~drones[1].asBytes]],
		[0.0, [\\s_new, \\marrowDrone, 1000, 0, 0]],
		[1.0, [\\n_set, 1000, \\brightness, 0.25]],
		[3.0, [\\n_set, 1000, \\brightness, 0.0, \\motion, 0.5]],
		[6.0, [\\n_set, 1000, \\motion, 0.0]],
		[8.0, [\\s_new, \\marrowBell, 1001, 0, 0]],
		[9.5, [\\c_set, 0, 0]]
	]).recordNRT(
		"{folder}/score.osc", "{folder}/drone.wav", sampleRate: {rate}, headerFormat: "WAV",
		sampleFormat: "int16", options: ServerOptions.new.numOutputBusChannels_(2), duration: 9.5,
		action: {{ 0.exit }}
	);
}}.fork(SystemClock);
)
"""


def sclang(driver: Path, port: int) -> str:
    """What SuperCollider says while it runs a file to its end."""
    program = shutil.which("sclang")
    assert program, "SuperCollider is needed: it is in Debian's supercollider-language"
    assert shutil.which("scsynth"), "SuperCollider's server is needed: it is in Debian's supercollider-server"
    # It brings a browser for its help, which needs no screen here, and no sandbox where root runs the tests.
    settings = {
        "QT_QPA_PLATFORM": "offscreen",
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "HOME": str(driver.parent),
        "XDG_CONFIG_HOME": str(driver.parent),
        "XDG_DATA_HOME": str(driver.parent),
        "XDG_RUNTIME_DIR": str(driver.parent),
        "MARROW_PORT": str(port),
        "MARROW_SILENT": "1",
    }
    done = subprocess.run(
        [program, "-D", str(driver)],
        env=os.environ | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def loud(samples: np.ndarray, start: float, end: float) -> float:
    """The mean level between two seconds, 1 being full scale."""
    part = samples[int(start * RATE) : int(end * RATE)]
    return float(np.sqrt((part**2).mean()))


def pitch(samples: np.ndarray, start: float, end: float) -> float:
    """The frequency in Hz that is strongest."""
    part = samples[int(start * RATE) : int(end * RATE), 0]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(np.argmax(spectrum) * RATE / len(part))


def test_it_follows_a_show_moves_it_and_plays_its_drone(show: int, wire: Wire, tmp_path: Path) -> None:
    folder = tmp_path / "sc"
    folder.mkdir()
    driver = folder / "driver.scd"
    driver.write_text(DRIVER.format(patch=PATCH, folder=folder, port=wire.port, rate=RATE))
    said = sclang(driver, show)
    assert "never" not in said
    assert "ERROR" not in said
    [heard] = [line.split()[1:] for line in said.splitlines() if line.startswith("heard")]
    assert heard[:2] == ["1", "1.0"]
    assert 0.7 < float(heard[2]) < 0.9
    assert int(heard[3]) > 0
    assert wire.until("/speech")["/speech"].args == ("dad", "let us eat")
    with wave.open(str(folder / "drone.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) / 32768
    assert loud(samples, 0.2, 0.9) < 1e-3, "silent without a picture"
    assert 0.005 < loud(samples, 2.0, 3.0) < 0.1, "audible in a bright one, and quiet"
    assert abs(pitch(samples, 2.0, 3.0) - 55 * 1.25) < 3, "its brightness is the pitch"
    assert loud(samples, 5.0, 6.0) > 1e-3, "motion alone is breath"
    assert loud(samples, 7.5, 8.0) < 1e-3
    assert abs(pitch(samples, 8.0, 8.5) - 660) < 4, "the loop is a bell"
