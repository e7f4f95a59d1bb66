"""`python -m benchmarks NAME [options]`: the last line printed is one JSON object of figures."""

import importlib
import json
import pkgutil
import sys

import benchmarks


def main(arguments: list[str]) -> int:
    modules = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    names = [name for name in modules if not name.startswith("_")]
    if not arguments or arguments[0] not in names:
        print(f"usage: python -m benchmarks NAME [options]; NAME is one of: {', '.join(names)}")
        return 2
    figures = importlib.import_module(f"benchmarks.{arguments[0]}").run(arguments[1:])
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
