"""`python -m archive.cli`: the program, where its console script is not at hand."""

from archive.cli import main

main()
