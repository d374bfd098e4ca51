"""Every header compiles alone: the public ones as C11 and as C++17, those inside as C11."""

from tree import files, finish, judge, output_of

_STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wundef", "-Werror", "-fsyntax-only")
_AS = {
    "C11 with gcc": ("gcc", "-xc", "-std=c11", "-Wstrict-prototypes"),
    "C11 with clang": ("clang", "-xc", "-std=c11", "-Wstrict-prototypes", "-Wno-pragma-once-outside-header"),
    "C++17": ("clang++", "-xc++", "-std=c++17", "-Wno-pragma-once-outside-header"),
}


def refused(paths, compiler):
    for path in paths:
        said, fine = output_of(*compiler, *_STRICT, path)
        if not fine:
            yield f"{path}: {said.strip().splitlines()[0]}"


public = list(files(".h", under=["include"]))
inside = list(files(".h", under=["libautobus"]))
for name, compiler in _AS.items():
    judge(f"each public header compiles alone as {name}", refused(public, (*compiler, "-I", "include")))
gnu11 = ("gcc", "-xc", "-std=gnu11", "-D_GNU_SOURCE=", "-I", "include", "-I", "libautobus")
judge("each header inside compiles alone", refused(inside, gnu11))
finish()
