"""`make bench [ONLY=name]`: runs the benchmarks beside this file, prints a line a row and writes
build/bench.json. Each module has `rows() -> list[dict]`; each runs in a process of its own. Those
that take long run only where they are named.
"""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NOT_BENCHMARKS = {"run", "screenshots", "live_soak", "live_soak_window", "verify_zoo"}
WHEN_NAMED = {"small_data"}


def main() -> int:
    """Runs what is asked for; 1 where a benchmark itself failed."""
    if sys.argv[1:2] == ["--one"]:
        return _run_one(Path(sys.argv[2]), Path(sys.argv[3]))
    names = sorted(
        path.stem
        for path in HERE.glob("*.py")
        if path.stem not in NOT_BENCHMARKS and not path.stem.startswith(("_", "test_"))
    )
    asked = [name for name in names if name in (sys.argv[1:] or set(names) - WHEN_NAMED)]
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    rows: list[dict[str, object]] = []
    failed = False
    for name in asked:
        part = build / f"bench_{name}.json"
        part.unlink(missing_ok=True)
        command = [sys.executable, __file__, "--one", str(HERE / f"{name}.py"), str(part)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        # a user's Python keeps what it compiled, as it does for packages: a start is warm
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        failed |= subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0
        if part.exists():
            rows += json.loads(part.read_text())
            part.unlink()
    (build / "bench.json").write_text(json.dumps(rows, indent=1) + "\n")
    return 1 if failed or not asked else 0


def _run_one(module: Path, out: Path) -> int:
    rows = runpy.run_path(str(module))["rows"]()
    for row in rows:
        holds = "holds" if row["holds"] else "MISSED"
        peer = "" if row["peer_value"] is None else f"   {row['peer']} {row['peer_value']:.3g}"
        sys.stdout.write(
            f"{holds:7}{row['name']}: {row['value']:.4g} {row['unit']} "
            f"(budget {row['budget']}){peer}\n"
        )
    out.write_text(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
