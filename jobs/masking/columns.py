"""Values of masked columns -> their masks: equal values have equal masks, none can be read back."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

    from jobs.settings import Dataset, Project

_BLOCK = 64
_MASK_LENGTH = 16
_MISFIT = ": does not fit"
UNKEYED = "***"  # the mask where there is no secret


@dataclass(frozen=True)
class Masking:
    """The columns to mask, and the secret that makes masks of equal values equal (none: all are alike)."""

    columns: Collection[str] = ()
    key: bytes | None = None

    def masked_column(self, name: str, value: "Column") -> "Column":
        """Return the mask of a column's value, or the value where it is not masked; null stays null."""
        if name not in self.columns:
            return value
        # Loaded late: masking texts needs no Spark.
        from pyspark.sql import functions as F

        mask = F.lit(UNKEYED) if self.key is None else F.concat(F.lit("#"), self._keyed(value.cast("string")))
        return F.when(value.isNotNull(), mask)

    def masked(self, text: str | None) -> str | None:
        """Return the mask of a value's text, the same that `masked_column` makes of the value."""
        if text is None:
            return None
        if self.key is None:
            return UNKEYED
        return "#" + hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()[:_MASK_LENGTH]

    def type_of(self, name: str, type_: str) -> str:
        """Return the column's type once it is masked: a mask is a string."""
        return "string" if name in self.columns else type_

    def reason(self, text: str) -> str:
        """Return why a record was rejected, without the value that it quotes of a masked column."""
        column, colon, _ = text.partition(":")
        return f"{column}{_MISFIT}" if colon and column in self.columns else text

    def reasons(self, texts: "Column") -> "Column":
        """Return an array of reasons, each as `reason` returns it."""
        from pyspark.sql import functions as F

        def masked_reason(text: "Column") -> "Column":
            column = F.substring_index(text, ":", 1)
            quotes = text.contains(":") & column.isin(*self.columns)
            return F.when(quotes, F.concat(column, F.lit(_MISFIT))).otherwise(text)

        return F.transform(texts, masked_reason) if self.columns else texts

    def _keyed(self, text: "Column") -> "Column":
        """HMAC-SHA256 (RFC 2104), shortened; a plain hash of few possible values can be reversed."""
        from pyspark.sql import functions as F

        assert self.key is not None
        key = hashlib.sha256(self.key).digest() if len(self.key) > _BLOCK else self.key
        padded = key.ljust(_BLOCK, b"\0")
        inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
        message = F.encode(text, "utf-8")
        digest = F.unhex(F.sha2(F.concat(F.lit(inner), message), 256))
        return F.substring(F.sha2(F.concat(F.lit(outer), digest), 256), 1, _MASK_LENGTH)


def masking_of(project: "Project", dataset: "Dataset") -> Masking:
    """Take the masking from a dataset's settings, its secret resolved now."""
    if dataset.mask is None:
        return Masking()
    from jobs.settings.secrets import secret_of

    key = secret_of(dataset.mask.key, project.aws)
    return Masking(tuple(dataset.mask.columns), None if key is None else key.encode())
