"""What one extraction may take: the limits of the worker processes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

Setting = Literal["accurate", "fast"]
"""How carefully text is told from what stands around it: see `docs/performance.md` for what either costs."""


@dataclass(frozen=True, slots=True)
class ExtractSettings:
    """How pages are read, and the limits of the worker processes (`facts/trust.md`, section 3), as the configuration
    says it.

    setting: `accurate` or `fast`.
    workers: processes; 0 takes as many as the machine has cores. On two cores one worker costs about a tenth less CPU
    a page, and two give about a quarter more pages a second (`docs/performance.md`).
    cpu_seconds: CPU time one page may take. memory_bytes: of one process, libraries included.
    max_html_bytes: payloads above are not tried. pages_per_worker: pages after which a process is replaced, so that
    what a library leaks stays small. rules: the file of the reader's own rules for sites (`archive.rules`), beside
    `config.toml`; it need not be there.
    """

    setting: Setting = "accurate"
    workers: Annotated[int, Ge(0), Le(256)] = 0
    cpu_seconds: Annotated[float, Gt(0)] = 10.0
    memory_bytes: Annotated[int, Ge(150_000_000)] = 200 * 1024 * 1024
    max_html_bytes: Annotated[int, Ge(1)] = 5 * 1024 * 1024
    pages_per_worker: Annotated[int, Ge(1)] = 2_000
    rules: str = "rules.toml"

    @property
    def processes(self) -> int:
        """How many worker processes there are at the most."""
        if self.workers:
            return self.workers
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
