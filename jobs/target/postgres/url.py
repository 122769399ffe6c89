"""A JDBC url and its options -> the parameters with which PostgreSQL's own library goes to the same place."""

from collections.abc import Mapping
from urllib.parse import unquote

from jobs.errors import ConfigError

PREFIX = "jdbc:postgresql:"

# What JDBC's driver calls it -> what libpq does. What is not here concerns the JDBC driver alone.
_NAMES = {
    "user": "user",
    "password": "password",
    "ApplicationName": "application_name",
    "connectTimeout": "connect_timeout",
    "options": "options",
    "sslmode": "sslmode",
    "sslcert": "sslcert",
    "sslkey": "sslkey",
    "sslrootcert": "sslrootcert",
    "sslpassword": "sslpassword",
    "gssEncMode": "gssencmode",
    "channelBinding": "channel_binding",
}
_SERVERS = {"primary": "read-write", "master": "read-write", "secondary": "standby", "slave": "standby"}


def parameters(url: str, options: Mapping[str, str]) -> dict[str, str]:
    """Return libpq's parameters for a url such as `jdbc:postgresql://host:5432/name?sslmode=require`.

    Raises:
        ConfigError: it is the url of another database, or of none.
    """
    if not url.startswith(PREFIX):
        raise ConfigError("Only connections whose url begins with jdbc:postgresql: are served; correct it.")
    place, _, query = url.removeprefix(PREFIX).partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    given = {**options, **{name: unquote(value) for name, _, value in pairs}}
    libpq = {_NAMES[name]: value for name, value in given.items() if name in _NAMES}
    if given.get("ssl", "false").lower() in ("", "true"):
        libpq.setdefault("sslmode", "verify-full")
    if schema := given.get("currentSchema"):
        libpq["options"] = f"{libpq.get('options', '')} -c search_path={schema.replace(' ', '')}".strip()
    if kind := _SERVERS.get(given.get("targetServerType", "")):
        libpq["target_session_attrs"] = kind
    hosts, _, database = place[2:].partition("/") if place.startswith("//") else ("", "", place.strip("/"))
    named = [_host(host) for host in hosts.split(",")]
    libpq |= {"host": ",".join(host for host, _ in named), "port": ",".join(port for _, port in named)}
    return libpq | ({"dbname": unquote(database)} if database else {})


def place(url: str) -> str:
    """Return where a url leads, as people are told: without its parameters, which may hold a password."""
    return url.removeprefix(PREFIX).partition("?")[0].removeprefix("//")


def _host(address: str) -> tuple[str, str]:
    head, colon, port = address.rpartition(":")
    if not colon or "]" in port:
        head, port = address, ""
    return head.strip("[]") or "localhost", port or "5432"
