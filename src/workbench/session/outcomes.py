"""What a session says of its runs: tables, comparisons, figures. A part of `Session`, in a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench import datasets
from workbench import runs as run_folders
from workbench.nouns import RunError
from workbench.runs import Run

ENDED = ("finished", "stopped", "failed")

if TYPE_CHECKING:
    import pandas as pd

    from workbench.results import SealedScore


class Outcomes:
    """Every run of the runs folder, and what came of the current one."""

    runs_folder: Path
    current_run: Any

    def find_runs(self) -> tuple[Run, ...]:
        """Every run in the runs folder, newest first; of one that had ended only what is new is read."""
        known = self.__dict__.setdefault("_ended_runs", {})
        found = run_folders.find(self.runs_folder, known)
        known.clear()
        known.update((run.folder.name, run) for run in found if run.state in ENDED)
        return found

    def open_run(self, run: Run | str | Path | None = None) -> Run:
        """A run by the name or path of its folder, or the current one.

        Raises
        ------
        RunError
            If there is none there, or no current one.
        """
        if isinstance(run, Run):
            return run
        if run is None:
            if self.current_run is None:
                raise RunError("there is no run yet; start one with run(), or name one of find_runs()")
            found: Run = self.current_run
            return found
        inside = self.runs_folder / run
        return run_folders.open(inside if (inside / "job.json").is_file() else run)

    @property
    def runs(self) -> pd.DataFrame:
        """Every run in the runs folder, one row each, newest first; `find_runs()` gives the runs themselves."""
        from workbench import results

        return results.runs_table(self.find_runs())

    @property
    def trials(self) -> pd.DataFrame:
        """The trials of the current run, one row each."""
        from workbench import results

        run = self.current_run
        return results.trials_table(run.trials, run.objectives) if run is not None else results.trials_table(())

    @property
    def best(self) -> dict[str, Any] | None:
        """The best configuration so far, None while there is none."""
        incumbent = self.current_run.incumbent if self.current_run is not None else None
        return dict(incumbent.config) if incumbent is not None else None

    def plot(self, x: Literal["trials", "time", "budget"] = "trials", *, dark: bool = False) -> Any:
        """The trajectory of the current run as an image that a notebook shows."""
        from workbench import results

        run = self.open_run()
        return _image(results.trajectory_png(run.trials, x=x, dark=dark), results.alt_text(run.trials))

    def comparison(self, *runs: Run | str | Path) -> pd.DataFrame:
        """Runs over each other as a table of incumbents, one row for all runs that differ in the seed alone.

        Parameters
        ----------
        *runs : Run, str or path
            Without any, every run that has the data and the contract of the current one.
        """
        from workbench import results

        return results.comparison_table(results.groups(self._compared(runs)))

    def plot_runs(
        self, *runs: Run | str | Path, x: Literal["trials", "time", "budget"] = "trials", dark: bool = False
    ) -> Any:
        """Medians and bands of runs over each other, as `comparison` takes them, as an image."""
        from workbench import results

        made = results.groups(self._compared(runs))
        text = " ".join([results.bands_text(made, x), *results.remarks(made)])
        return _image(results.bands_png(made, x=x, dark=dark), text)

    def plot_predictions(self, run: Run | str | Path | None = None, *, dark: bool = False) -> Any:
        """Confusion and calibration, or residuals, of the best trial's model, on the test part where there is one.

        The model is loaded in the guarded worker, never in the kernel.

        Raises
        ------
        RunError
            If the run saved no model, or it does not predict.
        """
        from workbench import results

        found = results.predictions(self.open_run(run))
        return _image(results.predictions_png(found, dark=dark), results.predictions_text(found))

    def sealed_score(self, run: Run | str | Path | None = None) -> SealedScore:
        """The score of a run's model on the sealed holdout, with a bootstrap interval; each look is counted.

        Raises
        ------
        RunError
            If no rows were sealed, or the run saved no model that predicts.
        """
        from workbench import results

        return results.sealed_score(self.open_run(run), datasets.holdout.vault_of(self.runs_folder))

    def export(
        self, form: str = "report", path: str | Path | None = None, *, run: Run | str | Path | None = None
    ) -> Path:
        """Write a run as a file that works without the workbench.

        Parameters
        ----------
        form : {"script", "notebook", "report"}
            Python with SMAC's own ask and tell; the same as a notebook; one HTML file to read.
        path : path, optional
            The file, or a folder for it; the folder `export` in the run's own when left out.
        run : Run, str or path
            The current one when left out.

        Raises
        ------
        RunError
            If there is no such run or form, or the file cannot be written.
        """
        from workbench.results import exports

        found = self.open_run(run)
        name, text = exports.export(found, form)
        target = found.folder / "export" / name if path is None else Path(path)
        target = target / name if target.is_dir() else target
        try:
            if path is None:
                target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8", errors="replace")  # names of files may be in an old encoding
        except OSError as error:
            raise RunError(f"cannot write {target}: {error.strerror}; name a file in a folder that is there") from error
        return target

    def _compared(self, named: tuple[Run | str | Path, ...]) -> list[Run]:
        if named:
            return [self.open_run(run) for run in named]
        current = self.open_run()
        return [run for run in self.find_runs() if comparable(run, current)]


def comparable(run: Run, other: Run) -> bool:
    """Whether the costs of two runs mean the same: one dataset and one contract."""
    return (run.about["dataset"]["digest"], run.about["contract"]) == (
        other.about["dataset"]["digest"],
        other.about["contract"],
    )


def _image(png: bytes, text: str) -> Any:
    from IPython.display import Image

    return Image(data=png, format="png", alt=text)  # type: ignore[no-untyped-call]
