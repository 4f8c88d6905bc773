"""Something that goes on while a test does something else."""
import threading
from collections.abc import Callable


class Background:
    """Calls `act` each `every` seconds on a thread of its own, from start or __enter__ to stop or __exit__."""

    def __init__(self, act: Callable[[], None], every: float):
        self._act, self._every, self._ending = act, every, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._ending.wait(self._every):
            self._act()

    def start(self):
        self._thread.start()
        return self

    def stop(self) -> None:
        self._ending.set()
        self._thread.join()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()
