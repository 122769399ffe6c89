"""A configuration folder, local or in S3 -> the text of its YAML files by their name in the folder."""

import re
from pathlib import Path

from jobs.errors import ConfigError
from jobs.storage.uri import is_s3, join, local_path, scheme_free

_NAME = re.compile(r"tieout\.ya?ml|(environments|sources|datasets)/[^/]+\.ya?ml")


class Folder:
    """The YAML files of a configuration; `names` are relative to it, such as ``datasets/orders.yml``."""

    def __init__(self, config: str) -> None:
        self.config = config
        self._uris = _in_s3(config) if is_s3(config) else _local(config)
        self.names = sorted(self._uris)
        mains = [name for name in self.names if name.startswith("tieout.")]
        if not mains:
            raise ConfigError(f"{config} holds no tieout.yml; name the folder that does with --config.")
        self.main = mains[0]

    def display_name(self, name: str) -> str:
        """The file's name as messages give it."""
        return join(self.config, name)

    def read(self, name: str) -> str:
        """The file's text.

        Raises:
            ConfigError: it is not UTF-8.
        """
        try:
            return _bytes(self._uris[name]).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"{self.display_name(name)} is not UTF-8 text ({error}); save it as UTF-8."
            ) from error

    def below(self, folder: str) -> list[str]:
        """The names within ``sources``, ``datasets`` or ``environments``."""
        return [name for name in self.names if name.startswith(folder + "/")]


def _local(config: str) -> dict[str, str]:
    root = Path(local_path(config))
    if not root.is_dir():
        raise ConfigError(f"{config} is no folder; name the configuration's folder with --config.")
    files = [*root.glob("*.y*ml"), *root.glob("*/*.y*ml")]
    names = {path.relative_to(root).as_posix(): str(path) for path in files if path.is_file()}
    return {name: uri for name, uri in names.items() if _NAME.fullmatch(name)}


def _in_s3(config: str) -> dict[str, str]:
    # Loaded late: a local configuration needs no S3 client.
    from jobs.storage.objects import Objects

    start = len(scheme_free(config).rstrip("/")) + 1
    uris = {info.path[start:]: info.uri for info in Objects(None).list(config)}
    return {name: uri for name, uri in uris.items() if _NAME.fullmatch(name)}


def _bytes(uri: str) -> bytes:
    if not is_s3(uri):
        return Path(uri).read_bytes()
    from jobs.storage.objects import Objects

    return Objects(None).read(uri)
