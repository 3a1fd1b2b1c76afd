#!/usr/bin/env python3
"""Writes src/Tastemaker.Nets/Text/Tables/*.txt from the data that Python 3.11 carries (Unicode 14.0, HTML5, code pages).

.NET with invariant globalization has neither normalization nor code pages, so the program brings its own.
Run from anywhere: python3 tools/unicode-tables.py
"""
import html
import html.entities
import pathlib
import sys
import unicodedata

FOLDER = pathlib.Path(__file__).parent.parent / "src/Tastemaker.Nets/Text/Tables"
CODE_PAGES = ["cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257", "iso8859_2", "mac_roman", "cp437"]


def write(name, title, lines):
    header = f"# {title} Written by tools/unicode-tables.py.\n"
    (FOLDER / name).write_text(header + "".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def hexes(text):
    return " ".join(f"{ord(c):X}" for c in text)


def characters():
    return (chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c <= 0xDFFF)


def combining_classes():
    runs = []
    for c in characters():
        value = unicodedata.combining(c)
        if value and runs and runs[-1][1] == ord(c) - 1 and runs[-1][2] == value:
            runs[-1][1] = ord(c)
        elif value:
            runs.append([ord(c), ord(c), value])
    return ["@classes", *(f"{a:X} {b:X} {value}" for a, b, value in runs)]


def decompositions(name, wanted):
    """Canonical mappings that NFC composes back, or those it does not; Hangul is arithmetic and left out."""
    lines = [name]
    for c in characters():
        mapping = unicodedata.decomposition(c)
        if mapping and not mapping.startswith("<"):
            composes = unicodedata.normalize("NFC", unicodedata.normalize("NFD", c)) == c
            if composes == wanted:
                lines.append(f"{ord(c):X} {hexes(''.join(chr(int(part, 16)) for part in mapping.split()))}")
    return lines


def widths():
    """Full-width and half-width forms with their NFKC equivalents."""
    lines = ["@widths"]
    for c in map(chr, [0x3000, *range(0xFF01, 0xFFF0)]):
        if (alternate := unicodedata.normalize("NFKC", c)) != c:
            lines.append(f"{ord(c):X} {hexes(alternate)}")
    return lines


def entities():
    """Marks after a name: '*' it is read without its semicolon too; '^' HTML does not know its spelling in capitals,
    which then stands for the text in capitals (after '/' where that differs from the text)."""
    known = html.entities.html5
    for name, text in sorted(known.items()):
        if name.endswith(";"):
            bare = "*" if name[:-1] in known else ""
            capitals = "&" + name.upper()
            free = name == name.lower() and html.unescape(capitals) == capitals
            upper = f"/{hexes(text.upper())}" if free and text.upper() != text else ""
            yield f"{name[:-1]}{bare}{'^' if free else ''} {hexes(text)}{upper}"


def code_pages():
    """The 128 characters of bytes 80 to FF; '-' where the page has none."""
    for page in CODE_PAGES:
        upper = bytes(range(128, 256)).decode(page, "replace")
        yield f"{page} " + " ".join("-" if c == "\ufffd" else f"{ord(c):X}" for c in upper)


version = unicodedata.unidata_version
write("unicode.txt", f"Unicode {version}: canonical combining classes, canonical decompositions, width forms. "
      "(c) Unicode, Inc., Unicode License V3, https://www.unicode.org/license.txt.",
      [*combining_classes(), *decompositions("@pairs", True), *decompositions("@singles", False), *widths()])
write("entities.txt", "HTML5 named character references, after the HTML Living Standard (WHATWG, CC BY 4.0).", entities())
write("codepages.txt", "Single-byte code pages, after the Unicode consortium's mapping tables (Unicode License V3).", code_pages())
