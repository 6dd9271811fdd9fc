"""`python -m models.measures`: the same as `marrow evaluate`."""

import typer

from models.measures.command import evaluate

if __name__ == "__main__":
    typer.run(evaluate)
