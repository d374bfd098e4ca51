"""The lamp appears on the network, and leaves it when Enter is pressed."""

from program import Program, run


def a_lamp_appears_and_leaves():
    with Program("02-neighbours", "60") as neighbours, Program("01-lamp") as lamp:
        lamp.says("The lamp is on the network")
        neighbours.says("appeared")
        lamp.type("\n")
        lamp.ends()
        neighbours.says("left")


def an_info_that_is_no_object_is_refused_in_one_sentence():
    with Program("01-lamp", "[1, 2]") as lamp:
        lamp.says("the lamp stays dark: ")
        lamp.ends(1)


run(a_lamp_appears_and_leaves, an_info_that_is_no_object_is_refused_in_one_sentence)
