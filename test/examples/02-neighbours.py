"""The neighbours are told as they come and go, those already there first; and the program ends when its time is over."""

from program import Program, run


def it_tells_of_a_lamp_that_was_there_before():
    with Program("01-lamp", "{'type': 'lamp', 'name': 'Bedside'}") as lamp:
        lamp.says("The lamp is on the network")
        with Program("02-neighbours", "60") as neighbours:
            assert "Bedside" in neighbours.says("appeared: ")
            lamp.close_input()
            lamp.ends()
            assert "Bedside" in neighbours.says("left: ")


def it_ends_when_its_time_is_over():
    with Program("02-neighbours", "1") as neighbours:
        neighbours.ends()


run(it_tells_of_a_lamp_that_was_there_before, it_ends_when_its_time_is_over)
