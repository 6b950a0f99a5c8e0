"""Coverage-guided fuzzing of the recording reader: `python tests/fuzz/fuzz_recording.py [DIR]`.

Needs atheris (`pip install --group fuzz`), which the tests do not. Options after the corpus
directory are libFuzzer's, such as `-max_total_time=600`.
"""

import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

sys.path.insert(0, str(Path(__file__).parents[1] / "recorded"))

with atheris.instrument_imports(include=["systui.target.recorded", "systui.decode.remembered"]):
    from hostile_play import play

PATH = Path(tempfile.mkdtemp()) / "fuzzed.jsonl"


def one(data: bytes) -> None:
    """Play `data`."""
    PATH.write_bytes(data)
    play(PATH)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
