"""A recording with markup and escapes in every text."""

import base64
from pathlib import Path

from systui.target.recorded.container import open_container

SESSION = Path(__file__).parents[2] / "sessions" / "accept_43.jsonl.zst"
HOSTILE = "<script>alert(1)</script>"


def hostile_copy(directory: Path) -> Path:
    """Made from the shipped recording of accept."""
    container = open_container(SESSION)
    data = b"".join(line for _offset, line in container.scan())
    container.close()
    words = HOSTILE.encode() + b"\\u001b[31m|[x](javascript:y)"
    data = data.replace(b'"accept_43"', b'"' + words + b'"')
    data = data.replace(b"entry_SYSCALL_64_after_hwframe", words)
    data = data.replace(b"arch/x86/entry/entry_64.S", words)
    position = b'{"note":[14000,"' + words + b'"]}\n'
    output = base64.b64encode(HOSTILE.encode() + b"\x1b[31m\x07\x9b\n# heading\n")
    position += b'{"out":["stdout",0,"' + output + b'"]}\n'
    path = directory / "hostile.jsonl"
    path.write_bytes(data + position)
    return path
