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
    """Each symbol as nm writes it: NAME@@VERSION."""
    symbols, fine = output_of("nm", "-D", "--defined-only", "--with-symbol-versions",
                              BUILD / "libautobus/libautobus.so")
    if not fine:
        raise SystemExit(f"not ok the exported symbols: {symbols}")
    return {line.split()[-1] for line in symbols.splitlines() if line.split()[-2] != "A"}


def names(symbols):
    return {symbol.split("@")[0] for symbol in symbols}


def without_version():
    """A program is bound to the version of the symbols that it was built with."""
    node = re.search(r"^(\w+) \{", text("libautobus/autobus.map"), re.MULTILINE)
    version = f"@@{node[1]}" if node else "@@"
    return [symbol for symbol in sorted(exported()) if not symbol.endswith(version)]


def difference(one, other, sentence):
    return [f"{name} {sentence}" for name in sorted(one - other)]


def links_avahi():
    needed, _ = output_of("readelf", "-d", BUILD / "libautobus/libautobus.so")
    return [line.strip() for line in needed.splitlines() if "NEEDED" in line and "avahi" in line]


judge("the version script lists what the public headers declare",
      difference(declared(), listed(), "is declared and not listed")
      + difference(listed(), declared(), "is listed and not declared"))
judge("the library exports what the version script lists",
      difference(listed(), names(exported()), "is listed and not exported")
      + difference(names(exported()), listed(), "is exported and not listed"))
judge("every symbol has the version of the version script", without_version())
judge("the library links no avahi", links_avahi())
finish()
