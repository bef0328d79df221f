"""Programs as tests start them: a process, its log, and the port of ours."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

BINARIES = Path(os.environ.get("MILLRACE_BINARIES", ".build/debug")).absolute()
START_SECONDS = 30


class Process:
    """A running command and its log. `with Process(...)` ends it afterward."""

    def __init__(self, name, *command):
        self._log = tempfile.NamedTemporaryFile(prefix=f"{name}-", suffix=".log")
        self.process = subprocess.Popen([*map(str, command)], stdout=self._log, stderr=self._log)

    def log(self):
        return Path(self._log.name).read_text(errors="replace")

    def wait_for(self, pattern):
        """What of the log matches, as soon as it does."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            said = re.search(pattern, self.log())
            if said:
                return said
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.process.kill()
        raise AssertionError(f"the program did not say {pattern}:\n" + self.log())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()


class Program(Process):
    """One of our servers, which says on which port it listens."""

    def __init__(self, name, *arguments):
        super().__init__(name, BINARIES / name, *arguments)
        self.port = int(self.wait_for(r"listening on \S*?:(\d+)")[1])
