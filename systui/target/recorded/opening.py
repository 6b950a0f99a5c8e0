"""A recording's first line: what it is of, and whether this systui can read it."""

from pathlib import Path

from systui.arch import BY_NAME
from systui.arch.spec import Architecture
from systui.model.errors import BadInputError
from systui.target.recorded.container import Container
from systui.target.recorded.format import (
    VERSION,
    DamageError,
    Header,
    load,
    read_header,
    version_of,
)
from systui.words import _


def opened(container: Container, path: Path) -> tuple[Header, Architecture]:
    """The header and the recorded machine's architecture; BadInputError, which names `path`."""
    line = next(container.lines(0), b"")
    try:
        said = load(line)
        version = version_of(said)
        if version != VERSION:
            raise BadInputError(
                _(
                    "{path}: a recording of version {version}; this systui reads {ours}: "
                    "use the one that made it"
                ).format(path=path, version=version, ours=VERSION)
            )
        header = read_header(said)
    except DamageError as error:
        raise BadInputError(
            _(
                "{path}: not a systui recording, or its first line is damaged; "
                "--record FILE makes a new one"
            ).format(path=path)
        ) from error
    arch = BY_NAME.get(header.arch)
    if arch is None:
        raise BadInputError(
            _(
                "{path}: recorded on an architecture that this systui does not know: "
                "use the one that made it"
            ).format(path=path)
        )
    return header, arch
