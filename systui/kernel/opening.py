"""A kernel to run or to look up, whatever it comes as: vmlinux or bzImage, with symbols from
itself, from a System.map, or from its own kallsyms."""

from collections.abc import Sequence
from pathlib import Path

from systui.kernel import cache, kallsyms, systemmap
from systui.kernel.bzimage import is_bzimage, unpacked
from systui.kernel.elf import File
from systui.kernel.image import Image
from systui.kernel.systemmap import Line
from systui.model.errors import BadInputError
from systui.words import _

_BANNER, _BANNER_TEXT = b"linux_banner", b"Linux version "
_START = b"_text"
_KERNEL_HALF = {32: 1 << 31, 64: 1 << 63}


def open_kernel(path: Path, symbols: Path | None = None) -> Image:
    """The kernel at `path` under the names in `symbols`, else its own; BadInputError."""
    file = File(path)
    try:
        if is_bzimage(file):
            packed, file = file, unpacked(file)
            packed.close()
        elif not file.is_elf:
            raise BadInputError(
                _("{path}: is no kernel: neither a vmlinux (an ELF file) nor a bzImage").format(
                    path=path
                )
            )
        image = Image(file)
        if symbols is not None:
            _name(image, systemmap.read_map(symbols), symbols)
        elif not image.symbols():
            _name(image, systemmap.parse(_own(image, file), path), path)
    except BaseException:
        file.close()
        raise
    return image


def _own(image: Image, file: File) -> bytes:
    """The symbols that the kernel keeps in itself, found once for each build."""
    if image.build_id is None:
        return kallsyms.find(file)
    inputs = (str(file.size).encode(),)
    return cache.kept(f"{image.build_id[:64]}.kallsyms", inputs, lambda: kallsyms.find(file))


def _name(image: Image, lines: Sequence[Line], source: Path) -> None:
    """Name what lies in `image`; BadInputError where `source` lists another kernel's symbols."""
    lines = _as_linked(lines, image)
    banner = next((line.address for line in lines if line.name == _BANNER), None)
    if banner is not None and image.read(banner, len(_BANNER_TEXT)) != _BANNER_TEXT:
        raise BadInputError(
            _("{symbols}: lists the symbols of another kernel than {path}").format(
                symbols=source, path=image.path
            )
        )
    image.name_by(*systemmap.packed(lines, image.sections, wide=image.bits == 64))


def _as_linked(lines: Sequence[Line], image: Image) -> Sequence[Line]:
    """`lines` at link-time addresses: a running kernel's list is moved by its KASLR slide."""
    half = _KERNEL_HALF[image.bits]
    start = min((each.vaddr for each in image.segments if each.vaddr >= half), default=None)
    named = next((line.address for line in lines if line.name == _START), None)
    if start is None or named is None or named == start:
        return lines
    return [
        line._replace(address=line.address - named + start) if line.address >= half else line
        for line in lines
    ]
