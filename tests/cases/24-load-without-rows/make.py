"""The logs of tasks whose table held no row, by the name of the dataset, and when each file was written."""

import gzip
import os
from pathlib import Path

HEADER = b"Op,committed_at,seq,id,status\n"
CHANGES = b"""I,2026-03-01 08:00:01.000000,1,1,PLACED
I,2026-03-01 08:01:01.000000,2,2,PLACED
U,2026-03-01 09:00:01.000000,3,2,PAID
"""
OTHERS = b"I,2026-03-01 07:00:00.000000,0,3,PLACED\n"
LOG, HEADED = {"20260301-100000000.csv": CHANGES}, {"20260301-100000000.csv": HEADER + CHANGES}
LOAD, EARLIER, LATER = "LOAD0000000{}.csv", 1_772_355_600, 1_772_362_800

FILES = {
    "header": {**HEADED, LOAD.format(1): HEADER},
    "log": {**LOG, LOAD.format(1): b""},
    "odd": {
        **LOG,
        LOAD.format(1): b"\xef\xbb\xbf",
        f"{LOAD.format(2)}.gz": gzip.compress(b"", mtime=0),
        LOAD.format(3): b"\r\n\r\n",
    },
    "parts": {
        **HEADED,
        LOAD.format(1): b"\xef\xbb\xbf" + HEADER,
        LOAD.format(2): HEADER + OTHERS,
        f"{LOAD.format(3)}.gz": gzip.compress(HEADER, mtime=0),
        LOAD.format(4): b"",
    },
    "unfinished": {**HEADED, LOAD.format(1): HEADER},
}

for dataset, files in FILES.items():
    folder = Path("cdc") / dataset
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        # The load of `unfinished` was written after the last changes: it may still go on.
        first = name.startswith("LOAD") != (dataset == "unfinished")
        os.utime(folder / name, (EARLIER, EARLIER) if first else (LATER, LATER))
