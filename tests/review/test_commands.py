"""The commands: a process of its own that starts no JVM, imports no Spark and answers at once."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import S3
from tests.review.shop import COMPENSATIONS, CONFIG, DISCREPANCIES, Shop, arrow, compensation, discrepancy

ROOT = Path(__file__).parent.parent.parent
_PROGRAM = """
import sys, typer
from jobs.commands import entry, review
app = typer.Typer()
app.add_typer(review.discrepancies, name="discrepancies")
app.add_typer(review.compensations, name="compensations")
code = entry.guarded(lambda: app(standalone_mode=False))
assert not [name for name in sys.modules if name.split(".")[0] in ("pyspark", "delta", "py4j", "pandas")]
sys.exit(code)
"""


def alone(shop: Shop, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command where no Java is to be found."""
    nowhere = {name: value for name, value in os.environ.items() if name not in ("JAVA_HOME", "SPARK_HOME")}
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments, "-c", str(shop.root / "conf")],
        env={**nowhere, "PATH": str(shop.root)}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_command_starts_no_jvm_imports_no_spark_and_answers_at_once(shop: Shop) -> None:
    assert shutil.which("java", path=str(shop.root)) is None
    for arguments in (
        ("discrepancies", "show", "orders", "17"),
        ("compensations", "list", "orders"),
        ("compensations", "approve", "orders", "--all", "--reason", "seen"),
    ):
        began = time.monotonic()
        done = alone(shop, *arguments)
        took = time.monotonic() - began
        assert (done.returncode, done.stderr) == (0, "")
        assert "order_id = 17" in done.stdout
        # Three seconds are promised; a busy machine is given more.
        assert took < 10
    assert len(list((shop.lake / "orders" / "decisions_inbox").iterdir())) == 2


def test_the_help_says_what_there_is(shop: Shop) -> None:
    done = alone(shop, "compensations", "approve", "--help")
    assert done.returncode == 0
    for option in ("--all", "--file", "--reason", "--revoke", "--dry-run", "--held", "--by"):
        assert option in done.stdout


def test_the_desk_stands_on_s3_too(shop: Shop, s3: S3) -> None:
    import pyarrow as pa
    from deltalake import write_deltalake

    from jobs.storage.delta_query import log_options

    lake = s3.bucket("lake") + "/tieout"
    shop.configure(CONFIG, lake)
    rows = {"discrepancies": (DISCREPANCIES, discrepancy(17, "aa11")),
            "compensations": (COMPENSATIONS, compensation(17, "c1", "aa11"))}  # fmt: skip
    for name, (ddl, row) in rows.items():
        made = pa.Table.from_pylist([row], arrow(ddl))
        write_deltalake(f"{lake}/orders/{name}", made, storage_options=log_options(s3.aws))
    for subject, by_now in (("approve", "approved"), ("reject", "rejected")):
        assert shop.run("compensations", subject, "orders", "c100", "--reason", "seen") == 0
        assert shop.json("compensations", "show", "orders", "c100")["by_now"] == by_now
    assert shop.run("discrepancies", "show", "orders", "17") == 0
