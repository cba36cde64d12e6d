"""`python -m embedded tools|demo|stop|clean`: what the Makefile calls."""

import shutil
import sys
import time

from embedded.demo import run_demo
from embedded.home import Home
from embedded.process import NotReady
from embedded.supervise import Supervisor
from embedded.tools import ToolsMissing, ensure_tools


def main(arguments: list[str]) -> int:
    """Do what is asked; report a foreseeable failure in one sentence."""
    command, options = (arguments or ["help"])[0], arguments[1:]
    try:
        if command == "tools":
            started = time.monotonic()
            ensure_tools()
            print(f"  tools ready: {time.monotonic() - started:.1f} s")
        elif command == "demo":
            run_demo(Home(), detach="--detach" in options, verbose="--verbose" in options)
        elif command in ("stop", "clean"):
            stop(clean=command == "clean")
        else:
            print(__doc__)
            return 2
    except (ToolsMissing, NotReady) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def stop(*, clean: bool) -> None:
    """Stop the demo; with `clean`, delete all that it kept."""
    home = Home()
    was_running = Supervisor(home.folder, home.logs).stop()
    print("stopped" if was_running else "nothing was running")
    if clean:
        shutil.rmtree(home.folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
