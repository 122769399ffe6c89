"""The environment -> the Java that Spark will start, and its version."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from jobs.errors import ConfigError

OLDEST_JAVA = 17


def java_version() -> int:
    """The major version of the Java that Spark will start.

    Raises:
        ConfigError: there is none, or it is older than Spark takes.
    """
    return java_found()[0]


def java_found() -> tuple[int, str]:
    """The major version of the Java that Spark will start, and all that it says of itself.

    Raises:
        ConfigError: as of `java_version`.
    """
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    remedy = f"install Java {OLDEST_JAVA} or 21, or point JAVA_HOME at one."
    try:
        banner = subprocess.run(
            [java or "java", "-version"], capture_output=True, text=True, check=True
        ).stderr
    except (OSError, subprocess.CalledProcessError):
        where = (
            f"JAVA_HOME is {home}, which holds no Java that runs" if home else "There is no Java on the path"
        )
        raise ConfigError(f"{where}; {remedy}") from None
    match = re.search(r'version "(?:1\.)?(\d+)', banner)
    version = int(match[1]) if match else 0
    if version < OLDEST_JAVA:
        raise ConfigError(f"{java} is Java {version or 'of an unknown version'}, too old for Spark; {remedy}")
    return version, banner
