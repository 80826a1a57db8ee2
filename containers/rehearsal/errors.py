"""Defines the errors of the rehearsal itself, worded for its user."""

from containers.rehearsal.packages import install_line


class RehearsalError(Exception):
    """The rehearsal could not be started or used."""


class MissingPackagesError(RehearsalError):
    """Debian packages are not installed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"packages are missing: {install_line(names)}")
        self.names = names


class NotPermittedError(RehearsalError):
    """This user may not make namespaces."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"this user may not make network namespaces: run as root, or allow unprivileged user namespaces ({detail})"
        )
