"""What a target may say about what it is told, as the config is read."""

from pathlib import Path

import pytest

from server.config import ConfigError, load_rig

CONFIG = """
[show]
file = "show.toml"
[generator]
weights = "net.safetensors"
[[osc.target]]
name = "sound"
port = 57120
"""


def test_a_target_says_what_it_wants_to_hear_and_how_often(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG + 'tell = ["current", "energy/*"]\nrate = 30\nstate = true\n')
    [target] = load_rig(path).osc.targets
    assert (target.tell, target.rate, target.state) == (("current", "energy/*"), 30.0, True)
    path.write_text(CONFIG)
    [target] = load_rig(path).osc.targets
    assert (target.tell, target.rate, target.state) == ((), None, False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('tell = ["curent"]', 'osc.target 1 (sound).tell 1: Did you mean "current"? Nothing is told at'),
        ('tell = ["/show/go"]', "below /marrow"),
        ('tell = ["energy/["]', 'no "]" in the same segment'),
        ('tell = "energy/*"', "expected an array"),
        ("tell = [3]", "expected text in quotes"),
        ('tell = ["*"]\nrate = 1000', "osc.target 1 (sound).rate: expected at most 100.0, got 1000"),
        ('tell = ["*"]\nrate = 0', "expected at least 0.1, got 0"),
        ("rate = 30", 'osc.target 1 (sound).rate: means nothing without tell = ["what it is told"]'),
        ("state = true\nrate = 30", "means nothing without tell"),
    ],
)
def test_what_it_cannot_mean_is_refused_with_the_key(tmp_path: Path, words: str, said: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG + words + "\n")
    with pytest.raises(ConfigError) as refusal:
        load_rig(path)
    assert said in str(refusal.value)
