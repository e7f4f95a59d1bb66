"""python -m workflow.sample --titles N --seed S --out DIR"""

import argparse
from pathlib import Path

from workflow.sample import generate

_MIN_TITLES = 50


def _titles(text: str) -> int:
    number = int(text)
    if number < _MIN_TITLES:
        raise argparse.ArgumentTypeError(f"must be at least {_MIN_TITLES}")
    return number


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workflow.sample", description=generate.__doc__)
    parser.add_argument("--titles", type=_titles, default=300_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    args = parser.parse_args()
    for name, rows in generate(args.titles, args.seed, args.out).items():
        size = (args.out / name).stat().st_size
        print(f"{name:<24}{rows:>14,} rows{size:>16,} bytes")


if __name__ == "__main__":
    main()
