"""`systui entry`: the map of the kernel's entry code, told from its own instructions."""

import argparse
import json
import shutil
import sys
from functools import partial
from pathlib import Path

from systui.kernel.flow import Block, FlowMap, flow_map
from systui.kernel.image import Image
from systui.kernel.path import EntryPath
from systui.minikernel.eras import BY_NAME as ERAS
from systui.minikernel.eras import TODAY
from systui.model.errors import BadInputError
from systui.present.flow import flow_rows
from systui.words import _

_WIDE = 120
"""Columns where the output is no terminal."""
_ABIS = ("64", "i386")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `systui entry`."""
    kernel = parser.add_mutually_exclusive_group()
    kernel.add_argument(
        "--era",
        choices=tuple(ERAS),
        help=_("the entry code of the miniature kernel in the shape of that age"),
    )
    kernel.add_argument(
        "--kernel",
        type=Path,
        metavar="FILE",
        help=_("the entry code of this kernel image instead of the miniature kernel's"),
    )
    parser.add_argument(
        "--symbols",
        type=Path,
        metavar="FILE",
        help=_("names for an image that has none: its System.map, or kallsyms text"),
    )
    parser.add_argument(
        "--abi", choices=_ABIS, help=_("only the ways in of calls that are passed so")
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object a line"))


def run(options: argparse.Namespace) -> int:
    """Print the maps; BadInputError where the image has no entry that is understood."""
    flows = _flows(_image(options), options)
    if options.json:
        for flow in flows:
            print(json.dumps(as_data(flow)))
        return 0
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDE
    for index, flow in enumerate(flows):
        title = _("{abi} calls, from {symbol}").format(abi=flow.abi, symbol=flow.parts[0].name)
        print(("\n" if index else "") + title)
        for line in flow_rows(flow, columns):
            print("".join(span.text for span in line.spans).rstrip())
    return 0


def _image(options: argparse.Namespace) -> Image:
    if options.kernel is not None:
        from systui.kernel.opening import open_kernel

        return open_kernel(options.kernel, options.symbols)
    if options.symbols is not None:
        raise BadInputError(_("--symbols: names an image; say which with --kernel"))
    return Image.open((TODAY if options.era is None else ERAS[options.era]).path)


def _flows(image: Image, options: argparse.Namespace) -> list[FlowMap]:
    from systui.arch import BY_NAME
    from systui.decode.disassembly import Disassembler

    arch = BY_NAME[image.machine]
    decode = Disassembler(arch.bits, names=partial(_beginning_at, image)).operations
    path = EntryPath(image, arch, decode)
    doors = [path.door(entry, from_user=True) for entry in path.entries]
    flows = [flow_map(path, door) for door in doors if door is not None]
    found = [flow for flow in flows if options.abi in (None, flow.abi)]
    if not found:
        raise BadInputError(
            _("{kernel}: no way in is understood{abi}; its symbols name none that is known").format(
                kernel=options.kernel or "minikernel",
                abi="" if options.abi is None else f" ({options.abi})",
            )
        )
    return found


def _beginning_at(image: Image, address: int) -> str:
    named = image.locate(address)
    return named[0].name if named is not None and named[1] == 0 else ""


def as_data(flow: FlowMap) -> dict[str, object]:
    """A map as `--json` prints it; addresses are hexadecimal strings."""
    return {
        "abi": flow.abi,
        "entry": f"{flow.entry:#x}",
        "parts": [
            {
                "name": part.name,
                "address": f"{part.address:#x}",
                "size": part.size,
                "place": part.place,
                "blocks": [_block(block) for block in part.blocks],
            }
            for part in flow.parts
        ],
    }


def _block(block: Block) -> dict[str, object]:
    return {
        "address": f"{block.address:#x}",
        "end": f"{block.end:#x}",
        "instructions": block.instructions,
        "last": block.last,
        "marks": list(block.marks),
        "calls": list(block.calls),
        "edges": [{"to": f"{edge.to:#x}", "kind": edge.kind} for edge in block.edges],
    }
