"""Who may include whom: a layer only those below it, the tools and examples only the public headers."""

import re

from tree import ROOT, files, finish, judge, text

_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[">]', re.MULTILINE)
_STANDARD = {"limits.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h"}
# A foreign library is known to one layer; json-c to those that speak of values.
_RESERVED = {"event2/": {"loop"}, "sys/epoll.h": {"loop"}, "avahi-": {"discovery"}, "dbus/": set()}
_WITHOUT_JSON = {"base", "loop", "net"}


def includes(path):
    return [(quote == "<", name) for quote, name in _INCLUDE.findall(text(path))]


def ranks():
    lines = (ROOT / "libautobus/layers.txt").read_text(encoding="utf-8").splitlines()
    ordered = [line.split() for line in lines if line and not line.startswith("#")]
    return {layer: rank for rank, layers in enumerate(ordered) for layer in layers}


def wrong_in_layers():
    rank = ranks()
    for path in files(".c", ".h", under=["libautobus"]):
        layer = path.parts[1]
        if layer not in rank:
            yield f"{path}: {layer} is no layer of layers.txt"
            continue
        for is_system, name in includes(path):
            other = name.split("/")[0]
            if not is_system and other not in rank:
                yield f'{path}: includes "{name}", which names no layer'
            elif not is_system and other != layer and rank[other] >= rank[layer]:
                yield f'{path}: includes "{name}", which is not below {layer}'
            for prefix, allowed in _RESERVED.items():
                if is_system and name.startswith(prefix) and layer not in allowed:
                    yield f"{path}: includes <{name}>, which {layer} must not know"
            if is_system and name.startswith("json") and layer in _WITHOUT_JSON:
                yield f"{path}: includes <{name}>, but {layer} knows no JSON"


def wrong_in_public_headers():
    for path in files(".h", under=["include"]):
        for is_system, name in includes(path):
            if not is_system or not (name.startswith(("autobus/", "json-c/")) or name in _STANDARD):
                yield f"{path}: includes {name}"


def wrong_in_programs():
    """Tools, examples and the actor of the stories see what any user of the library sees."""
    paths = [*files(".c", ".h", under=["busd-less-tools", "examples"]),
             *(path for path in files(".c", ".h", under=["test/support"]) if path.name.startswith("actor"))]
    layers = set(ranks())
    for path in paths:
        for is_system, name in includes(path):
            if not is_system and name.split("/")[0] in layers:
                yield f'{path}: includes "{name}" from inside the library'
            elif path.parts[0] == "busd-less-tools" and not is_system:
                # A verb is what others may be made of.
                if name.split("/")[0] not in ("tool", path.parts[1]) and "/" in name and name.split("/")[1] != "verb.h":
                    yield f'{path}: includes "{name}" of another tool'


judge("a layer includes only lower layers", wrong_in_layers())
judge("a public header includes only public headers, json-c and plain C", wrong_in_public_headers())
judge("tools and examples include only public headers", wrong_in_programs())
finish()
