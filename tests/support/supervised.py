"""An operator that is started again whenever it dies, as a Deployment does."""
import threading
import time


class Supervised:
    """Runs until `stop`; `pid_file` always says which process it is."""

    def __init__(self, installation, server: str, *arguments: str):
        self._installation, self._server, self._arguments = installation, server, arguments
        self.pid_file = installation.cluster.directory / "operator.pid"
        self.deaths = 0
        self._ending = threading.Event()
        self._start(wait=True)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _start(self, wait: bool) -> None:
        self.process = self._installation.start_operator(*self._arguments, server=self._server, wait=wait)
        self.pid_file.write_text(str(self.process.pid))

    def _watch(self) -> None:
        while not self._ending.is_set():
            if not self.process.alive:
                self.deaths += 1
                self._start(wait=False)
            time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> int:
        self._ending.set()
        self._thread.join()
        return self.process.stop()

    def __enter__(self) -> "Supervised":
        return self

    def __exit__(self, *_) -> None:
        self.stop()
