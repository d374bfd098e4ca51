"""The pages of the documentation, and what they promise: every block of them is run, and prints what the page says.

    page         a page taken apart: sections, blocks, and the notes to the test in its comments
    transcript   what a block says is printed, against what was printed; ids and ports differ, and only they
    terminal     a shell on a terminal, as a reader of the page has it
    scene        the hosts of one section, and its blocks played on them

docs/testing.md, "The documentation", has the notes that a page may carry.
"""

from .page import ELSEWHERE, Mistaken, parse, unjudged
from .scene import play

__all__ = ["ELSEWHERE", "Mistaken", "parse", "play", "unjudged"]
