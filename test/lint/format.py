"""clang-format has nothing to say."""

from tree import files, finish, judge, output_of


def untidy():
    paths = list(files(".c", ".h"))
    said, fine = output_of("clang-format", "--dry-run", "-Werror", *paths)
    if not fine:
        yield from sorted({line.split(":")[0] for line in said.splitlines() if ": error: " in line}) or [said]


judge("the C is laid out as .clang-format says", untidy())
finish()
