"""``scripts/bench``: one subcommand for each thing to measure."""

from __future__ import annotations

from pathlib import Path

import click

from integrity_archive.bench import budgets
from integrity_archive.bench import build as build_bench
from integrity_archive.bench import search as search_bench


@click.group()
def main() -> None:
    """Measure the archive."""


@main.command()
@click.option("--entries", type=int, multiple=True, default=(1_000, 10_000), show_default=True, help="Sizes to build.")
@click.option("--bare/--no-bare", default=True, help="Build the same pages under MkDocs and Material alone, too.")
@click.option("--twice/--once", default=True, help="Build twice and compare the bytes.")
@click.option("--project", type=click.Path(exists=True, file_okay=False), default=".", help="The repository.")
def build(entries: tuple[int, ...], bare: bool, twice: bool, project: str) -> None:
    """Wall time, peak memory and output size of a build."""
    results = []
    for count in sorted(entries):
        click.echo(f"{count} entries …", err=True)
        results.append(build_bench.measure(Path(project).resolve(), count, bare=bare, twice=twice))
    click.echo(build_bench.report(results))


@main.command("all")
@click.option("--entries", type=int, default=10_000, show_default=True, help="How many entries.")
@click.option("--keep", is_flag=True, help="Add the run to docs/measured.yml.")
@click.option("--project", type=click.Path(exists=True, file_okay=False), default=".", help="The repository.")
def everything(entries: int, keep: bool, project: str) -> None:
    """All budgets in one table, with a mark at those that are exceeded."""
    results = budgets.measure(Path(project).resolve(), entries)
    click.echo(budgets.table(results))
    if keep:
        budgets.keep(Path(project).resolve(), results)


main.add_command(search_bench.main)


if __name__ == "__main__":
    main()
