"""What can go wrong on the keeping side. `str(error)` is one line for the reader of the terminal."""

from __future__ import annotations


class ArchiveError(Exception):
    """Base of every error raised by `archive`."""


class ConfigError(ArchiveError):
    """A configuration that cannot be used. `faults` are all of them, one line each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class StoreError(ArchiveError):
    """The database cannot be read or written."""


class MigrationError(StoreError):
    """A database made by a newer version, or one that a migration could not bring up to date."""


class OlderSchema(MigrationError):
    """A database made by an older version, met by who only reads: the next run that writes brings it up to date."""


class NotAnArchive(StoreError):
    """A SQLite database that someone else made."""


class IndexDamaged(StoreError):
    """The full-text index does not fit the articles, which are whole."""


class LockHeld(ArchiveError):
    """Another run is writing to this archive. `owner` is what it wrote about itself."""

    def __init__(self, path: str, owner: str) -> None:
        super().__init__(f"another run holds {path}: {owner or 'it did not say who it is'}")
        self.path = path
        self.owner = owner


class JobError(ArchiveError):
    """A job that the configuration does not have, or that cannot be carried out."""

    def __init__(self, job: str, message: str) -> None:
        super().__init__(message)
        self.job = job


class NotFound(ArchiveError):
    """No article with this id or URL."""


class BadCondition(ArchiveError):
    """An SQL condition on articles that cannot be used."""

    def __init__(self, condition: str, why: str) -> None:
        super().__init__(f"--where {' '.join(condition.split())!r}: {why}")
        self.condition = condition


class DiskFull(ArchiveError):
    """Less room on the disk than `disk.min_free_bytes`: the run stopped before it could damage anything."""
