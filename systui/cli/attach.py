"""`systui attach`: a real kernel behind QEMU's gdbstub."""

import argparse

from systui.cli import guest, recording
from systui.words import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui attach`."""
    parser.usage = "systui attach [OPTIONS] --vmlinux FILE [HOST]:PORT|PATH"
    parser.add_argument(
        "address",
        metavar="[HOST]:PORT|PATH",
        help=_("where QEMU's gdbstub listens: `-s` is :1234, a path is a Unix socket"),
    )
    guest.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; returns systui's exit status."""
    guest.check(options)
    from systui.target.gdb.attach import attach
    from systui.target.gdb.connection import Address

    address = Address.parse(options.address)
    image = guest.open_image(options)
    if options.program is not None:
        guest.check_program(options.program, image)
    title = str(address) if options.program is None else options.program.name
    made = recording.wanted(options)
    return guest.Guest(
        options,
        image,
        lambda wanted: attach(address, wanted),
        title,
        to_the_end=False,
        recorded=made,
    ).run()
