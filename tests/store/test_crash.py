"""What was said to be saved is there after the process was killed; readers see whole transactions only."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from archive.model import SearchRequest
from archive.store import Store

from .conftest import Keeper

FOLDER = Path(__file__).parents[2]

WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path
    sys.path.insert(0, "tests")
    from store.conftest import Keeper
    from archive.store import Store

    first = int(sys.argv[2])
    with Store.open(Path(sys.argv[1])) as store:
        keeper = Keeper(store)
        keeper._serial = iter(range(first * 10, 10**9))
        for number in range(first, 10**9):
            # Copies, changes and heads that leave their text: every kind of transaction there is.
            outcome, saved = keeper.keep(
                f"https://a.example/{number % 7}", f"Words {number // 3} and كلمات." * 40, f"Title {number}"
            )
            print(outcome, saved.article_id, saved.version, number, flush=True)
""")


def start_writer(path: Path, first: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), str(first)]
    return subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, text=True)


def test_nothing_said_is_lost_when_the_writer_is_killed(path: Path) -> None:
    chance = random.Random(2017)  # noqa: S311 - a test that can be repeated
    said: list[tuple[int, int, int]] = []
    first = 0
    for _ in range(6):
        with start_writer(path, first) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chance.randrange(1, 12))]
            time.sleep(chance.random() * 0.01)
            child.send_signal(signal.SIGKILL)
            lines += child.stdout.readlines()
        for line in lines:
            if line.endswith("\n"):
                _, article_id, version, number = line.split()
                said.append((int(article_id), int(version), int(number)))
        first = said[-1][2] + 2
        with Store.open(path) as store:
            store.check_integrity()
            for article_id, version, number in said:
                article = store.article(article_id, version=version)
                assert article.title == f"Title {number}"
                assert article.text.startswith(f"Words {number // 3} and ")
            # At most the one transaction that was committed and not yet said.
            assert store.status().versions - len(said) in range(7)
    assert len(said) > 20


def test_a_reader_beside_the_writer_sees_whole_items(path: Path) -> None:
    with start_writer(path, 0) as child:
        assert child.stdout is not None
        child.stdout.readline()
        try:
            with Store.open(path, read_only=True) as reader:
                seen = []
                for _ in range(30):
                    result = reader.search(SearchRequest("كلمات"))
                    assert result.total == len(result.hits)
                    for hit in result.hits:
                        assert [hit.snippet[a:b] for a, b in hit.marks]
                    seen.append(reader.status().versions)
        finally:
            child.send_signal(signal.SIGKILL)
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_a_writer_waits_for_another_ones_transaction(path: Path) -> None:
    with Store.open(path) as one, Store.open(path) as other:
        Keeper(one).keep("https://a.example/1", "One text.")
        keeper = Keeper(other)
        keeper._serial = iter(range(100, 200))  # type: ignore[assignment]  # any iterator of numbers does
        keeper.keep("https://a.example/2", "Two texts.")
        assert one.status().articles == 2
