"""Untrusted: models of the data read from a stick or a delta, which anybody may have written.

Nothing is used before all of it is validated: exact types, paths that are valid on every system, limits of sizes and
numbers. Fields that these models do not name are ignored.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from integrity_archive.usb.places import clash, is_place

MOST_TEXT = 64 << 20
"""Most bytes of a manifest, or of ``SHA256SUMS``."""
MOST_FILES = 200_000
"""Most files on a stick; FAT32 allows a few more in all folders together."""
MOST_BYTES = 1 << 43
"""Most bytes of a file."""
MOST_EDITION = 1 << 31
"""Highest number of an edition that is read; none is written, because it would have no successor."""
_SUM_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def _place(path: str) -> str:
    if not is_place(path):
        raise ValueError("no place on a stick")
    return path


def _files(files: dict[str, FileRecordForm]) -> dict[str, FileRecordForm]:
    if clash(files):
        raise ValueError("two names for one file")
    return files


Place = Annotated[str, AfterValidator(_place)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
EditionId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
SIGNATURE_TEXT = re.compile(r"([A-Za-z0-9+/]{86}==\n)?")
Signature = Annotated[str, StringConstraints(pattern=f"^{SIGNATURE_TEXT.pattern}$")]
"""An Ed25519 signature in base64, on a line of its own; empty for none."""
Key = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9+/]{43}=)?$")]
"""An Ed25519 public key in base64; empty for none."""
Text = Annotated[str, StringConstraints(max_length=4000)]
Number = Annotated[int, Field(ge=0, le=MOST_EDITION)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class FileRecordForm(_Form):
    """A file of a manifest."""

    size: Annotated[int, Field(ge=0, le=MOST_BYTES)]
    sha256: Sha256
    type: Text


class WorkForm(_Form):
    """An entry of a manifest."""

    title: Text
    label: Text
    url: Text
    sha256: Text
    internal: bool = False


class HeadForm(_Form):
    """The format number, which is read before the rest."""

    format: Annotated[int, Field(ge=1)]


class ManifestForm(HeadForm):
    """``manifest.json``."""

    name: Text
    id: EditionId
    version: Text
    dated: Text
    edition: Number = 0
    choice: Text = ""
    files: Annotated[dict[Place, FileRecordForm], Field(max_length=MOST_FILES), AfterValidator(_files)]
    entries: Annotated[dict[Text, WorkForm], Field(max_length=MOST_FILES)] = {}


class SyncJournalForm(_Form):
    """``.archive/commit.json``."""

    manifest: ManifestForm
    move: Annotated[list[Place], Field(max_length=MOST_FILES)]
    remove: Annotated[list[Place], Field(max_length=MOST_FILES)]
    signature: Signature
    key: Key = ""


class MarkerForm(_Form):
    """``.archive/stick.json``."""

    format: Annotated[int, Field(ge=1, le=1)]
    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    internal: bool
    key: Key
    edition: Number
    sums: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]


class DeltaForm(_Form):
    """``delta.json``."""

    format: Annotated[int, Field(ge=1)]
    base: EditionId
    id: EditionId
    edition: Number
    manifest: Sha256


class FormError(Exception):
    """Data does not fit its model."""


class NoJsonError(FormError):
    """Data is not complete JSON in UTF-8."""


Form = TypeVar("Form", bound=_Form)


def read_form(form: type[Form], data: bytes | str) -> Form:
    """Parse and validate a JSON text.

    Raises:
        NoJsonError: it is damaged, or nested too deeply.
        FormError: it does not fit the model.
    """
    try:
        return form.model_validate_json(data)
    except ValidationError as error:
        if any(fault["type"] == "json_invalid" for fault in error.errors(include_url=False, include_input=False)):
            raise NoJsonError from None
        raise FormError from None
    except UnicodeError:  # a lone surrogate, which is not valid UTF-8
        raise NoJsonError from None


def read_sums(data: bytes) -> dict[str, str]:
    """The hashes of ``SHA256SUMS`` by path; it may include ``manifest.json``.

    Raises:
        FormError: it is not in the form that this program writes.
    """
    try:
        lines = data.decode("ascii" if data.isascii() else "utf-8").removesuffix("\n").split("\n")
    except UnicodeDecodeError:
        raise FormError from None
    matches = [_SUM_LINE.fullmatch(line) for line in lines]
    sums = {match[2]: match[1] for match in matches if match}
    if len(sums) != len(lines) or not all(path == "manifest.json" or is_place(path) for path in sums):
        raise FormError
    return sums
