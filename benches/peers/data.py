"""The classification sets of scikit-learn as plain arrays on disk: a job's memory must not be scikit-learn's."""

import os
from pathlib import Path

import numpy as np

FOLDER = "OO_PEERS_DATA"
"""The environment variable that names the folder of the arrays."""


def classes(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows and labels: pixels in [0, 1], the other sets standardised."""
    with np.load(Path(os.environ[FOLDER]) / f"{name}.npz") as kept:
        return kept["rows"], kept["labels"]


def prepare(folder: Path) -> None:
    """Writes the arrays that are not there yet, and says to the jobs where they are."""
    from sklearn import datasets

    folder.mkdir(parents=True, exist_ok=True)
    os.environ[FOLDER] = str(folder)
    sets = {"digits": datasets.load_digits, "wine": datasets.load_wine, "cancer": datasets.load_breast_cancer}
    for name, load in sets.items():
        place = folder / f"{name}.npz"
        if not place.exists():
            rows = np.ascontiguousarray(load().data, dtype=float)
            rows = rows / 16.0 if name == "digits" else (rows - rows.mean(axis=0)) / rows.std(axis=0)
            np.savez(place, rows=rows, labels=load().target)
