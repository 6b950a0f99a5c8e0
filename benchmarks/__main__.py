"""All figures of the emulator: `python -m benchmarks`."""

from benchmarks import cold, memory, step

for module in (cold, step, memory):
    print(f"\n{module.__name__}")
    module.main()
