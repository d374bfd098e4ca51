"""The library exports exactly what its public headers declare and its version script lists."""

import re

from tree import BUILD, files, finish, judge, output_of, text


def declared():
    """The functions of the public headers, as the compiler sees them."""
    names = set()
    for path in files(".h", under=["include"]):
        source, _ = output_of("gcc", "-E", "-P", "-xc", "-I", "include", path)
        declarations = re.sub(r"typedef [^{};]*;", "", source)
        names |= set(re.findall(r"\b(autobus_\w+)\s*\(", declarations))
    return names


def listed():
    block = text("libautobus/autobus.map").split("global:")[1].split("local:")[0]
    return set(re.findall(r"(\w+);", block))


def exported():
    symbols, fine = output_of("nm", "-D", "--defined-only", BUILD / "libautobus/libautobus.so")
    if not fine:
        raise SystemExit(f"not ok the exported symbols: {symbols}")
    return {line.split()[-1].split("@")[0] for line in symbols.splitlines() if line.split()[-2] != "A"}


def difference(one, other, sentence):
    return [f"{name} {sentence}" for name in sorted(one - other)]


def links_avahi():
    needed, _ = output_of("readelf", "-d", BUILD / "libautobus/libautobus.so")
    return [line.strip() for line in needed.splitlines() if "NEEDED" in line and "avahi" in line]


judge("the version script lists what the public headers declare",
      difference(declared(), listed(), "is declared and not listed")
      + difference(listed(), declared(), "is listed and not declared"))
judge("the library exports what the version script lists",
      difference(listed(), exported(), "is listed and not exported")
      + difference(exported(), listed(), "is exported and not listed"))
judge("the library links no avahi", links_avahi())
finish()
