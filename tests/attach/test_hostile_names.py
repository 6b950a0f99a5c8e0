"""A file's name is a name to gdb, whatever is in it."""

import shutil
from pathlib import Path

import pytest
from real_parts import needs

from systui.target.gdb.mi import cli_path, quote
from systui.target.gdb.transport import Gdb

pytestmark = pytest.mark.slow
NAMES = (
    *("with blank", "a|touch pwned", "a;touch pwned", "$(touch pwned)", "`touch pwned`"),
    *('"quoted', "'quoted", "back\\slash", "!touch pwned", "-readnow", "{braces}*?~", "ünïcode"),
)


def test_no_name_is_more_than_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("gdb")
    monkeypatch.chdir(tmp_path)
    gdb = Gdb()
    try:
        for name in NAMES:
            path = tmp_path / name
            shutil.copy("/bin/true", path)
            line = f"symbol-file -o 0x1000 {cli_path(path)}"
            said = gdb.console(f"-interpreter-exec console {quote(line)}")[0]
            assert f"Reading symbols from {path}..." in said
    finally:
        gdb.close()
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)
