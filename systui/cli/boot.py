"""`systui boot`: a guest of systui's own that runs one program, attached to."""

import argparse
import os
from contextlib import closing
from pathlib import Path

from systui.cli import guest, recording
from systui.model.errors import BadInputError
from systui.words import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui boot`."""
    parser.usage = (
        "systui boot [OPTIONS] --kernel BZIMAGE --vmlinux FILE --program ELF [-- QEMU OPTIONS]"
    )
    machine = parser.add_argument_group(_("the guest"))
    machine.add_argument(
        "--kernel",
        metavar="BZIMAGE",
        type=Path,
        required=True,
        help=_("the kernel as a boot loader takes it: arch/x86/boot/bzImage, /boot/vmlinuz-…"),
    )
    machine.add_argument(
        "--append",
        metavar="TEXT",
        default="",
        help=_('kernel parameters, as "pti=on nokaslr"'),
    )
    machine.add_argument(
        "--rootfs",
        metavar="DIR",
        type=Path,
        help=_("directory that becomes the guest's /; its /init runs where no --program is given"),
    )
    machine.add_argument(
        "--argument",
        metavar="ARG",
        action="append",
        default=[],
        help=_("an argument for the program"),
    )
    machine.add_argument(
        "qemu", nargs="*", metavar="QEMU OPTIONS", help=_("after `--`: options for QEMU itself")
    )
    guest.add_arguments(parser)


def _check_libraries(program: Path, rootfs: Path | None) -> None:
    """BadInputError for a dynamic program without a place that its libraries could be in."""
    from systui.kernel.elf import PT_INTERP
    from systui.kernel.image import Image

    with closing(Image.open(program)) as image:
        found = next((each for each in image.program_headers if each.type == PT_INTERP), None)
        name = b"" if found is None else image.read(found.vaddr, found.file_size) or b""
    loader = os.fsdecode(name.partition(b"\0")[0])
    if found is None or (rootfs is not None and not _lacks(rootfs, loader)):
        return
    if rootfs is not None:
        raise BadInputError(
            _("{path}: needs {loader}, which {root} does not have; link it with -static").format(
                path=program, loader=loader, root=rootfs
            )
        )
    raise BadInputError(
        _(
            "{path}: is dynamically linked: name a directory that has its libraries with "
            "--rootfs DIR, or link it with -static"
        ).format(path=program)
    )


def _lacks(root: Path, name: str) -> bool:
    """Whether `name` cannot be below `root`; a link that leads to the guest's / is not followed."""
    place = root
    for part in name.strip("/").split("/"):
        place /= part
        if not os.path.lexists(place):
            return True
        if place.is_symlink() and place.readlink().is_absolute():
            return False
    return False


def run(options: argparse.Namespace) -> int:
    """Run the command; returns systui's exit status."""
    if options.program is None and options.rootfs is None:
        raise BadInputError(_("name what the guest runs: --program ELF, or --rootfs DIR"))
    guest.check(options)
    from systui.kernel.bzimage import kernel_bits
    from systui.target.gdb.attach import BootOptions, boot

    image = guest.open_image(options)
    if options.program is not None:
        guest.check_program(options.program, image)
        _check_libraries(options.program, options.rootfs)
    bits = kernel_bits(options.kernel)
    if bits not in (None, image.bits):
        raise BadInputError(
            _("{kernel} is a {bits}-bit kernel, {image} a {other}-bit one's").format(
                kernel=options.kernel, bits=bits, image=image.path, other=image.bits
            )
        )
    wanted = BootOptions(
        options.kernel,
        options.program,
        options.argument,
        options.rootfs,
        options.append,
        options.qemu,
    )
    title = options.rootfs.name if options.program is None else options.program.name
    made = recording.wanted(options)
    return guest.Guest(
        options, image, lambda how: boot(wanted, how), title, to_the_end=True, recorded=made
    ).run()
