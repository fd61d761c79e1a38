"""The command `thorax`: each verb reads the settings and calls one function of `commands`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from service import __version__
from service.errors import ServiceError
from service.settings import load_settings

EXIT_USAGE = 2

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""Thorax: chest-radiograph anatomy for a PACS.

A radiograph comes in by C-STORE or REST; a DICOM SEG, a structured report, a secondary capture
and JSON go back. **Not a medical device: results are automatic and unverified.**

First steps: `thorax analyse FILE --out results` needs no server. `thorax up` runs everything on
this machine. Settings come from thorax.toml and THORAX_* variables (docs/settings.md).
""",
)
models_app = typer.Typer(no_args_is_help=True, help="Look at model packages.")
app.add_typer(models_app, name="models")
console = Console()
errors = Console(stderr=True)


@app.command()
def up() -> None:
    """Run everything on this machine until Ctrl-C: Redis, listener, API, worker."""
    from service.commands.up import run_until_interrupted

    run_until_interrupted(load_settings(), console)


@app.command()
def demo() -> None:
    """Send the simulated radiographs of samples/ through a whole Thorax and show what came back."""
    from service.commands.demo import run_demo

    raise typer.Exit(run_demo(console))


@app.command()
def listen() -> None:
    """Run the DICOM listener (Verification and Storage SCP)."""
    from service.commands.serve import run_listener

    run_listener(load_settings())


@app.command()
def api() -> None:
    """Run the HTTP API."""
    from service.commands.serve import run_api

    run_api(load_settings())


@app.command()
def worker(
    queues: Annotated[
        str, typer.Option(help="Comma-separated: `gpu` analyses, `delivery` sends.")
    ] = "gpu,delivery",
) -> None:
    """Run the workers that analyse radiographs and deliver results."""
    from service.commands.serve import run_worker

    run_worker(load_settings(), tuple(queues.split(",")))


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    from service.persistence.migrations import migrate as migrate_database

    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    migrate_database(settings.effective_database_url)
    console.print("database is up to date")


@app.command()
def analyse(
    paths: Annotated[list[Path], typer.Argument(help="DICOM, PNG or JPEG files, or folders.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.")],
    view: Annotated[
        str, typer.Option(help="PNG/JPEG only: PA, AP, LATERAL or UNKNOWN.")
    ] = "UNKNOWN",
    spacing: Annotated[
        float | None, typer.Option(help="PNG/JPEG only: millimetres per pixel.", min=1e-3, max=10)
    ] = None,
    table: Annotated[
        Path | None, typer.Option(help="Also write a CSV file: file, folder, status, values.")
    ] = None,
) -> None:
    """Analyse files; no server, broker or database is needed.

    For each file: `OUT/<sop instance uid>/{seg.dcm, sr.dcm, sc.dcm, overlay.png, result.json,
    scene.json, film.jpg, masks.npz}`. A file that cannot be analysed gets a result.json with the
    reason, the others go on, and the exit status is 1.
    """
    from service.commands.analyse import analyse_paths, exit_status, raster_options, write_table

    lines = analyse_paths(paths, out, raster_options(view, spacing), load_settings(), console)
    if table is not None:
        write_table(lines, table)
    raise typer.Exit(exit_status(lines))


@app.command()
def explain(
    job: Annotated[str, typer.Argument(help="A job id, or a folder that `analyse` wrote.")],
    measurement: Annotated[
        str | None, typer.Argument(help="Only this one, such as cardiothoracic_ratio.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw that measurement on its film, as a PNG file.")
    ] = None,
) -> None:
    """Show why each value is what it is: definition, masks, points, checks, provenance."""
    from service.commands.explain import draw
    from service.commands.explain import explain as explain_job

    settings = load_settings()
    status = explain_job(job, measurement, settings, console)
    if picture is not None and measurement is not None and status == 0:
        draw(job, measurement, picture, settings)
    raise typer.Exit(status)


@app.command()
def retry(jobs: Annotated[list[str], typer.Argument(help="Ids of dead jobs.")]) -> None:
    """Have dead jobs tried again: the deliveries that failed, or else the analysis."""
    from service.commands.retry import retry_jobs

    raise typer.Exit(retry_jobs(jobs, load_settings(), console))


@app.command()
def reanalyse(
    jobs: Annotated[list[str] | None, typer.Argument(help="Job ids.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that was last analysed by a model of the past.")
    ] = False,
) -> None:
    """Analyse kept instances once more, with the models of today.

    Each gets a new job; old jobs and results stay, and new results name what they supersede.
    """
    from service.commands.reanalyse import reanalyse_all, reanalyse_jobs

    if bool(jobs) == everything:
        raise typer.BadParameter("name jobs, or --all")
    if everything:
        raise typer.Exit(reanalyse_all(load_settings(), console))
    raise typer.Exit(reanalyse_jobs(jobs or [], load_settings(), console))


@app.command()
def send(
    paths: Annotated[list[Path], typer.Argument(help="DICOM files or folders.")],
    to: Annotated[
        str | None,
        typer.Option("--to", help="HOST:PORT; the settings' own listener when not given."),
    ] = None,
    called: Annotated[str | None, typer.Option(help="AE title to call.")] = None,
    calling: Annotated[str, typer.Option(help="AE title to call from.")] = "THORAX-SEND",
) -> None:
    """Send DICOM files by C-STORE, as a PACS would."""
    from service.commands.send import remote_of, send_files

    remote = remote_of(to, called, load_settings())
    raise typer.Exit(send_files(paths, remote, calling, console))


@models_app.command("list")
def models_list() -> None:
    """List the model packages that the service would use."""
    from service.commands.models import list_models

    list_models(load_settings(), console)


@models_app.command("check")
def models_check(
    folder: Annotated[Path, typer.Argument(help="A package: models/<name>/<version>.")],
) -> None:
    """Check a model package: schema, hash, graph, and its golden input."""
    from service.commands.models import check_model

    raise typer.Exit(check_model(folder, load_settings(), console))


@app.command()
def version() -> None:
    """Print the version."""
    console.print(__version__)


def main() -> None:
    """Run the command line; an error of ours is one line and exit status 2, not a traceback."""
    try:
        app()
    except ServiceError as error:
        errors.print(f"thorax: {error.text}", style="red", highlight=False, markup=False)
        sys.exit(EXIT_USAGE)


if __name__ == "__main__":
    main()
