"""A program with a loop of its own hears the same changes, and ends with its input."""

from program import Program, run


def it_counts_who_is_there_in_its_own_loop():
    with Program("03-own-loop") as loop, Program("01-lamp") as lamp:
        loop.says("1 there; ")
        lamp.type("\n")
        lamp.ends()
        loop.says("0 there; ")
        loop.close_input()
        loop.ends()


run(it_counts_who_is_there_in_its_own_loop)
