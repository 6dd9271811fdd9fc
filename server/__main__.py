"""The `marrow` command. What a command needs is imported when it is called: `--help` is quick."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from server.renderer import Backend

app = typer.Typer(
    help="Generated pictures for a stage: they walk, fade on GO, and feel the table.",
    add_completion=False,
    no_args_is_help=True,
)
Config = Annotated[Path, typer.Option(help="The rig.")]
CONFIG = Path("config.toml")


@app.command()
def run(
    config: Config = CONFIG,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on, for pages and OSC; 0.0.0.0 lets others in.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="TCP port of the pages.")] = None,
    osc_port: Annotated[int | None, typer.Option(min=1, max=65535, help="UDP port for OSC.")] = None,
    backend: Annotated[
        Backend | None, typer.Option(help="How the network is computed; auto tries what is there.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start at the first cue, even if the last night was cut off.")
    ] = False,
    watched: Annotated[
        bool, typer.Option("--guard/--no-guard", help="Start the show again when its process dies.")
    ] = True,
    guarded: Annotated[bool, typer.Option("--guarded", hidden=True)] = False,
) -> None:
    """Run the show. What is given here goes before the config."""
    if watched and not guarded:
        from server.guard import guard

        given = {"--host": host, "--port": port, "--osc-port": osc_port, "--backend": backend}
        options = ["--config", str(config.absolute())]
        options += [part for name, value in given.items() if value is not None for part in (name, str(value))]
        raise typer.Exit(guard(options, ["--fresh"] if fresh else []))
    from server import run as runner

    raise typer.Exit(runner.run(config, host, port, osc_port, backend, Console(), fresh, guarded))


@app.command()
def check(config: Config = CONFIG) -> None:
    """Check the config, its show and its networks, and start nothing."""
    from server.check import inspect

    console = Console()
    verdict = inspect(config)
    for problem in verdict.problems:
        console.print(str(problem), style="red", markup=False, highlight=False, soft_wrap=True)
    for note in verdict.notes:
        console.print(f"note: {note}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    if verdict.problems or verdict.rig is None or verdict.show_file is None:
        raise typer.Exit(2)
    summary = (
        f"{config} is good: {verdict.show_file.title}, {len(verdict.show_file.cues)} cues, "
        f"{len(verdict.rig.patch)} patch entries, "
        + ", ".join(f"{network.path.name} at {network.size} px" for network in verdict.networks.values())
    )
    console.print(summary, style="green", markup=False, highlight=False, soft_wrap=True)


def _mount(name: str, module: str, function: str, help: str, **others: tuple[str, str]) -> None:
    """A command that lives in another module, which is imported when the command is called.

    `others`: what else it does when its first word is that, each a module and a function.
    """

    @app.command(
        name,
        help=help,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def call(context: typer.Context) -> None:
        words, place, called = context.args, (module, function), f"marrow {name}"
        if words and words[0] in others:
            place, called, words = others[words[0]], f"{called} {words[0]}", words[1:]
        tool = typer.Typer(add_completion=False)
        tool.command()(getattr(import_module(place[0]), place[1]))
        tool(args=words, prog_name=called)


_mount("simulate", "server.simulate", "simulate", "Play four guests at dinner, as OSC.")
_mount("convert", "models.convert.command", "convert", "Read a network that was trained elsewhere.")
_mount("info", "models.convert.info", "info", "Say what a network is.")
_mount("directions", "models.directions.command", "directions", "Look inside a network.")
_mount("project", "models.project_command", "project", "Make a photograph a point of latent space.")
_mount(
    "bench",
    "server.bench.command",
    "bench",
    "Measure a running show. `bench generator`, `bench training OUT`: a network alone; `bench swap NETWORK`: "
    "a change of it; `bench crowd`: many pages and much OSC.",
    generator=("models.bench.command", "generator"),
    training=("models.bench.training", "training"),
    swap=("server.bench.swap", "swap"),
    crowd=("server.bench.crowd", "crowd"),
)
_mount("paint", "models.dataset.painter", "paint_command", "Paint families at dinner, to train on.")
_mount("prepare", "models.dataset.prepare.command", "prepare", "From a folder of photographs to a data set.")
_mount("augment", "models.dataset.augment.command", "augment", "Make more pictures of each picture.")
_mount("train", "models.training.__main__", "train", "Train a generator.")
_mount("watch", "models.training.watch", "watch", "Serve a page of a training run.")
_mount("evaluate", "models.measures.command", "evaluate", "Measure a network against pictures.")
_mount("choose", "models.training.choice_command", "choose_command", "Choose the snapshot of a run to keep.")
_mount("doctor", "server.doctor.command", "doctor", "Look at everything before doors, and say what to do.")
_mount(
    "rehearse",
    "server.rehearsal.command",
    "rehearse",
    "Play a whole show without anybody, as a log or a film.",
)
_mount("replay", "server.rehearsal.command", "replay", "Play a night again from its journal.")
_mount("report", "server.rehearsal.command", "report", "Write the report of a night, from its journal.")
_mount("import-clips", "server.importing.clips", "import_clips", "Make saved clips points of a network.")
_mount("import-script", "server.importing.script", "import_script", "Make a performed script a show file.")


if __name__ == "__main__":
    app()
