"""Settings: a configuration folder -> frozen, checked models. Starts no JVM and reads no secret."""

from jobs.settings.dataset import Dataset
from jobs.settings.digests import leg_digest, mapping_digest, settings_digest
from jobs.settings.discovery import Discovery
from jobs.settings.judging import Compare
from jobs.settings.legs import ChangesLeg, Entry, EventsLeg
from jobs.settings.loader import SettingsError, load
from jobs.settings.project import Aws, Channel, Connection, Project, dataset_of
from jobs.settings.repair import Compensate
from jobs.settings.secrets import resolve_secret
from jobs.settings.source import Source
from jobs.settings.target import AsOf, Target
from jobs.settings.values import Literal, OrderField, Path, Sql, Value

__all__ = [
    "AsOf",
    "Aws",
    "ChangesLeg",
    "Channel",
    "Compare",
    "Compensate",
    "Connection",
    "Dataset",
    "Discovery",
    "Entry",
    "EventsLeg",
    "Literal",
    "OrderField",
    "Path",
    "Project",
    "SettingsError",
    "Source",
    "Sql",
    "Target",
    "Value",
    "dataset_of",
    "leg_digest",
    "load",
    "mapping_digest",
    "resolve_secret",
    "settings_digest",
]
