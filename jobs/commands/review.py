"""`tieout discrepancies …` and `tieout compensations …`: what is shown or decided of them; no Spark."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.commands.options import Config, DryRun, Env, Json, Name, Quiet

if TYPE_CHECKING:
    from jobs.console.printing import Printed
    from jobs.review.context import ReviewContext
    from jobs.review.model import Decided


_LISTED = 20
discrepancies = typer.Typer(
    name="discrepancies",
    help="What disagrees: look at it, or waive it. Starts no Spark.",
    no_args_is_help=True,
)
compensations = typer.Typer(
    name="compensations",
    help="Repairs of the store: look at them, approve or reject them. Starts no Spark.",
    no_args_is_help=True,
)

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="Ids, or as much of each as makes it the only one."),
]
Kind = Annotated[str | None, typer.Option("--kind", help="missing, unexpected, undeleted, duplicated, …")]
Fault = Annotated[
    str | None, typer.Option("--fault", help="store, processor, capture, several, unattributed.")
]
Action = Annotated[str | None, typer.Option("--action", help="insert, update or delete.")]
Status = Annotated[str | None, typer.Option("--status", help="Status, or all.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many are shown.")]
HoldReason = Annotated[
    str | None,
    typer.Option("--held", help="Why it waits: manual, suspect, limits, …; `held`: for any reason."),
]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key", help="A key, as '{\"order_id\": 17}' or its bare value; may be repeated."),
]
File = Annotated[str | None, typer.Option("--file", help="File with an id on each line; - for stdin.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it is kept with the word.")]
By = Annotated[str | None, typer.Option("--by", help="Who decides.", envvar=["TIEOUT_USER", "USER"])]
Until = Annotated[
    str | None,
    typer.Option("--until", help="The first T (as --as-of has it, not the clock) at which it ends."),
]
Every = Annotated[bool, typer.Option("--all", help="All that can be decided on.")]


def _context(dataset: str, config: str, env: str | None) -> "ReviewContext":
    from jobs.review.context import context_of
    from jobs.settings import load

    return context_of(load(config, env), dataset)


def _print_result(printed: "Printed", as_json: bool) -> int:
    from jobs.console.plain import print_json

    if as_json:
        print_json(printed.as_dict(), is_ascii=False)
    else:
        printed.render()
    return 0


def _print_decided(done: "Decided", as_json: bool, quiet: bool) -> int:
    return _print_result(replace(done, listed=()) if quiet else done, as_json)


@discrepancies.command(name="list")
def list_discrepancies(
    dataset: Name,
    status: Status = None,
    kind: Kind = None,
    fault: Fault = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", help="Why it waits or is not judged: grace, before_baseline, …"),
    ] = None,
    limit: Limit = _LISTED,
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
) -> int:
    """The discrepancies of a dataset, open ones unless told otherwise; with --reason of any status."""
    from jobs.review.build import discrepancies
    from jobs.review.selection import Filters

    status = status or ("all" if reason else "open")
    filters = Filters(status=status, kind=kind, fault=fault, reason=reason)
    return _print_result(discrepancies(_context(dataset, config, env), filters, limit), as_json)


@discrepancies.command(name="show")
def show_discrepancy(
    dataset: Name,
    which: Annotated[str, typer.Argument(metavar="ID_OR_KEY", help="Its id or its key.")],
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
) -> int:
    """One discrepancy: what differs, since when, what was said of it, what can be done."""
    from jobs.review.build import discrepancy_page

    return _print_result(discrepancy_page(_context(dataset, config, env), which), as_json)


@discrepancies.command()
def waive(
    dataset: Name,
    reason: Why,
    ids: Ids = None,
    kind: Kind = None,
    fault: Fault = None,
    key: Keys = None,
    file: File = None,
    by: By = None,
    until: Until = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the waiver back.")] = False,
    dry_run: DryRun = False,
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Say that discrepancies are known and stay; a waiver lapses when what was seen changes."""
    from jobs.errors import ConfigError
    from jobs.review.selection import Asked, Filters
    from jobs.review.submit import DecisionRequest, submit

    if revoke and until:
        raise ConfigError("--until is of a waiver; with --revoke there is none.")
    asked = Asked(ids or (), Filters(kind=kind, fault=fault, keys=key or ()), file)
    asked.one_way("--file")
    request = DecisionRequest("revoke" if revoke else "waive", by, reason, until)
    done = submit(_context(dataset, config, env), "discrepancies", asked, request, dry_run)
    return _print_decided(done, as_json, quiet)


@compensations.command(name="list")
def list_compensations(
    dataset: Name,
    status: Status = None,
    action: Action = None,
    kind: Kind = None,
    fault: Fault = None,
    hold_reason: Annotated[
        str | None,
        typer.Option("--reason", "--held", help="Why it waits: manual, limits, …; `held`: for any reason."),
    ] = None,
    limit: Limit = _LISTED,
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
) -> int:
    """The compensations of a dataset, those that wait for a person first."""
    from jobs.review.build import compensations
    from jobs.review.selection import Filters

    filters = Filters(status=status, action=action, kind=kind, fault=fault, hold_reason=hold_reason)
    return _print_result(compensations(_context(dataset, config, env), filters, limit), as_json)


@compensations.command(name="show")
def show_compensation(
    dataset: Name,
    which: Annotated[str, typer.Argument(metavar="ID", help="Its id, or as much of it as is unique.")],
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
) -> int:
    """One compensation: what the store holds and what it will, why it waits, what was said of it."""
    from jobs.review.build import compensation_page

    return _print_result(compensation_page(_context(dataset, config, env), which), as_json)


@compensations.command()
def approve(
    dataset: Name,
    reason: Why,
    ids: Ids = None,
    action: Action = None,
    kind: Kind = None,
    fault: Fault = None,
    hold_reason: HoldReason = None,
    key: Keys = None,
    every: Every = False,
    file: File = None,
    by: By = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the last word back.")] = False,
    dry_run: DryRun = False,
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Approve repairs: the next run lets them go to the store."""
    from jobs.review.selection import Asked, Filters
    from jobs.review.submit import DecisionRequest, submit

    asked = Asked(ids or (), Filters(None, kind, fault, action, hold_reason, key or ()), file, every)
    asked.one_way("--file", "--all")
    request = DecisionRequest("revoke" if revoke else "approve", by, reason)
    done = submit(_context(dataset, config, env), "compensations", asked, request, dry_run)
    return _print_decided(done, as_json, quiet)


@compensations.command()
def reject(
    dataset: Name,
    reason: Why,
    ids: Ids = None,
    action: Action = None,
    kind: Kind = None,
    fault: Fault = None,
    hold_reason: HoldReason = None,
    key: Keys = None,
    every: Every = False,
    file: File = None,
    by: By = None,
    dry_run: DryRun = False,
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Reject repairs, approved ones that are not sent yet among them: they never go to the store."""
    from jobs.review.selection import Asked, Filters
    from jobs.review.submit import DecisionRequest, submit

    asked = Asked(ids or (), Filters(None, kind, fault, action, hold_reason, key or ()), file, every)
    asked.one_way("--file", "--all")
    request = DecisionRequest("reject", by, reason)
    done = submit(_context(dataset, config, env), "compensations", asked, request, dry_run)
    return _print_decided(done, as_json, quiet)
