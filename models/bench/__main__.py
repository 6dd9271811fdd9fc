"""`python -m models.bench`: the same as `marrow bench generator`."""

import typer

from models.bench.command import generator

if __name__ == "__main__":
    typer.run(generator)
