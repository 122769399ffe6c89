"""An S3 server (moto) on a free port of this machine, in a process of its own -> its address."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

# It ends when its standard input does, so it never outlives the process that started it.
_PROGRAM = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """Run the server while the context lasts.

    Not in a thread: some clients hold the interpreter's lock while they wait for an answer, which a server in
    the same interpreter could never give.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None and child.stdout is not None
    try:
        address = child.stdout.readline().strip()
        if not address:
            raise RuntimeError("The embedded S3 server did not start; its error stands above.")
        yield address
    finally:
        child.stdin.close()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
        child.stdout.close()
