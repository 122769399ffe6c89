"""Values of masked columns -> what may be shown of them: equal values look equal, none can be read."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

_BLOCK = 64
_SHOWN = 16


@dataclass(frozen=True)
class Masking:
    """The columns to mask, and the secret that makes masks of equal values equal (none: all are alike)."""

    columns: Collection[str] = ()
    key: bytes | None = None

    def shown(self, name: str, value: Column) -> Column:
        """Return what may be shown of a column's value; null stays null."""
        if name not in self.columns:
            return value
        mask = F.lit("***") if self.key is None else F.concat(F.lit("#"), self._keyed(value.cast("string")))
        return F.when(value.isNotNull(), mask)

    def type_of(self, name: str, type_: str) -> str:
        """Return the type of what is shown: a mask is a string."""
        return "string" if name in self.columns else type_

    def reason(self, text: str) -> str:
        """Return what may be shown of why a record was refused: a reason quotes a column's value."""
        column, colon, _ = text.partition(":")
        return f"{column}: does not fit" if colon and column in self.columns else text

    def _keyed(self, text: Column) -> Column:
        """HMAC-SHA256 (RFC 2104), shortened; a plain hash of few possible values can be reversed."""
        assert self.key is not None
        key = hashlib.sha256(self.key).digest() if len(self.key) > _BLOCK else self.key
        padded = key.ljust(_BLOCK, b"\0")
        inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
        message = F.encode(text, "utf-8")
        digest = F.unhex(F.sha2(F.concat(F.lit(inner), message), 256))
        return F.substring(F.sha2(F.concat(F.lit(outer), digest), 256), 1, _SHOWN)
