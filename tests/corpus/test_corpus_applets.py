"""busybox's applets, static, against this machine: output, status, order of calls."""

import os
import platform
import shlex
import shutil
from pathlib import Path

import pytest
from corpus_runs import Called, Ran, can_trace, emulated, first_difference, native, start, straced

_TEXT = "pear\napple\nfig\n\napple\nBanana 12\ncherry 3\n10\n9\n"
_TYPED = b"typed first\ntyped second\nfirst again\n"
COMMANDS = (
    "echo hello  two",
    r"echo -e a\tb\nc",
    "echo -n no newline",
    "cat",
    "cat words.txt -",
    "cat missing.txt words.txt",
    "cat -n words.txt",
    "wc",
    "wc -l words.txt numbers.txt",
    "sort words.txt",
    "sort -rn numbers.txt",
    "sort -u words.txt",
    "sed s/first/1st/g",
    "sed -n 2,3p words.txt",
    "sed -e /apple/d -e y/abc/ABC/ words.txt",
    "awk {n+=$1}END{print(n,NR)} numbers.txt",
    "awk -F. {print($2)} words.txt",
    'awk BEGIN{printf("%.3f,%d\\n",3.14159*2,7/2)}',
    "ls",
    "ls -l",
    "ls -la sub",
    "ls -R",
    "ls -i missing",
    "head -n 2 words.txt",
    "head -c 5 words.txt",
    "tail -n 2 words.txt",
    "tail -c 4 words.txt",
    "tr a-z A-Z",
    "tr -d aeiou",
    "cut -d. -f1 words.txt",
    "cut -c1-3 words.txt",
    "grep apple words.txt",
    "grep -c . words.txt",
    "grep -rn deep sub",
    "grep -v a words.txt",
    "grep nothing words.txt",
    "find . -name *.txt",
    "find sub -type f -size -10k",
    "md5sum words.txt numbers.txt",
    "sha256sum words.txt",
    "sha512sum big.bin",
    "cksum words.txt",
    "crc32 words.txt",
    "seq 1 3 10",
    "seq -s, 5",
    "expr 6 * 7",
    "expr 1 / 0",
    "test -f words.txt",
    "test -d words.txt",
    "test 3 -lt 2",
    "[ -x sub ]",
    "printf %05d|%-5s|%x\\n 42 ab 255",
    "date -u -d @0",
    "date -u -d @1234567890 +%Y-%m-%dT%H:%M:%S",
    "dd if=words.txt bs=4 count=2 status=none",
    "dd if=/dev/zero of=zeros bs=1k count=20 status=none",
    "od -c words.txt",
    "od -A d -t x1 numbers.txt",
    "hexdump -C words.txt",
    "xxd words.txt",
    "cmp words.txt numbers.txt",
    "cmp words.txt words.txt",
    "diff words.txt numbers.txt",
    "diff words.txt words.txt",
    "uniq words.txt",
    "uniq -c",
    "basename /a/b/c.txt .txt",
    "dirname /a/b/c.txt",
    "realpath sub/../words.txt",
    "readlink soft",
    "env",
    "printenv HOME",
    "true",
    "false",
    "sleep 0",
    "mkdir -p new/deep/er",
    "mkdir sub",
    "rm words.txt",
    "rm -r sub",
    "rm missing.txt",
    "rmdir sub",
    "mv words.txt moved.txt",
    "mv sub other",
    "cp words.txt copied.txt",
    "cp -r sub copy",
    "cp -a words.txt sub/there",
    "ln -s words.txt link",
    "ln words.txt hard",
    "touch fresh.txt",
    "touch -d @86400 words.txt",
    "chmod 600 words.txt",
    "stat -c %n,%s,%a,%F words.txt sub soft",
    "du -a sub",
    "tee one two",
    "tac words.txt",
    "rev words.txt",
    "nl words.txt",
    "fold -w 4 words.txt",
    "expand words.txt",
    "paste words.txt numbers.txt",
    "comm numbers.txt words.txt",
    "split -l 3 words.txt",
    "base64 words.txt",
    "gzip -c big.bin",
    "tar -cf - sub",
    "strings big.bin",
    "shuf -i 1-1",
    "factor 1234567890",
    "cal 2 2024",
    "uname -s",
    "pwd",
    "tty",
    "nosuchapplet",
    "sh -c exit\\ 3",
    "sh -c for\\ i\\ in\\ 1\\ 2\\ 3;do\\ echo\\ $((i*i));done",
    "sh script.sh",
)
UNORDERED = ("find",)
"""Applets that print names in the order the directory has them, which is nobody's promise."""
_LONG_AGO = 1_600_000_000

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or not Path("/bin/busybox").exists(),
    reason="the comparison needs a static /bin/busybox on x86_64",
)


def _fill(root: Path) -> Path:
    """A root with a home directory to work in; the home directory."""
    home = root / "home" / "user"
    (home / "sub" / "empty").mkdir(parents=True)
    for name in ("etc", "bin"):
        (root / name).mkdir()
    shutil.copy("/bin/busybox", root / "bin")
    for name in ("passwd", "group", "nsswitch.conf", "localtime"):
        if Path("/etc", name).exists():
            shutil.copy(f"/etc/{name}", root / "etc" / name)
    (home / "words.txt").write_text(_TEXT)
    (home / "numbers.txt").write_text("10\n9\n300\n-1\n")
    (home / "sub" / "inner.txt").write_text("deep down\n")
    (home / "big.bin").write_bytes(bytes(range(256)) * 300 + b"some readable text\0")
    (home / "script.sh").write_text("x=3\nwhile [ $x -gt 0 ]; do echo $x; x=$((x-1)); done\n")
    (home / "soft").symlink_to("words.txt")
    for path in (home, *home.rglob("*")):
        os.utime(path, (_LONG_AGO, _LONG_AGO), follow_symlinks=False)
    return home


def _content(home: Path) -> dict[str, bytes]:
    """Names and contents below a directory."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


def _sorted(calls: list[Called]) -> list[Called]:
    """Calls without their order, and without what the heap's history decides."""
    return sorted((called for called in calls if called.name != "brk"), key=str)


def _shown(ran: Ran, line: str, root: Path) -> str:
    """Standard output as it is compared: seen from within the root."""
    text = ran.stdout.decode("latin-1").replace(str(root), "")
    if line.split(" ", 1)[0] in UNORDERED:
        return "".join(sorted(text.splitlines(keepends=True)))
    return text


@pytest.mark.parametrize("line", COMMANDS)
def test_applet_runs_as_natively(line: str, tmp_path: Path) -> None:
    arguments = shlex.split(line) if "\\ " in line else line.split(" ")
    homes = {name: _fill(tmp_path / name) for name in ("native", "here", "traced")}
    command: dict[str, list[str | Path]] = {
        name: [tmp_path / name / "bin" / "busybox", *arguments] for name in homes
    }
    root = tmp_path / "here"
    before = _content(homes["here"])
    ran, calls = emulated(start(root / "bin" / "busybox", arguments, _TYPED, root))
    expected = native(command["native"], _TYPED, homes["native"])
    assert _shown(ran, line, root) == _shown(expected, line, tmp_path / "native")
    assert ran.stderr.decode() == expected.stderr.decode()
    assert ran.status == expected.status
    assert _content(homes["here"]) == before
    if can_trace():
        traced = straced(command["traced"], _TYPED, homes["traced"])
        if line.split(" ", 1)[0] in UNORDERED:
            traced, calls = _sorted(traced), _sorted(calls)
        difference = first_difference(traced, calls)
        assert difference is None, difference
