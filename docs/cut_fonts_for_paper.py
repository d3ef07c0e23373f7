"""Cuts the fonts of the posters out of npm's packages (docs/fonts.md). Needs fontTools and brotli; run it when a font is renewed.

    npm pack @fontsource-variable/cairo @fontsource-variable/noto-sans-arabic @fontsource/noto-sans \
        @fontsource/noto-sans-tifinagh @fontsource/noto-emoji      (and unpack each into a folder of its name)
    python docs/cut_fonts_for_paper.py FOLDER
"""

import io
import sys
from pathlib import Path

from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ROOT = Path(__file__).resolve().parent.parent
AMAZIGH = [ord(letter) for letter in "ɣɛḍṭẓṛṣḥčǧƔƐḌṬẒṚṢḤČǦʷ"]
ARABIC = [*range(0x600, 0x700), *range(0x750, 0x780), *range(0x8A0, 0x900), 0xFDFA, 0xFDFB, 0x200C, 0x200D]
#: Name in the design -> file, weights to keep, code points to keep (None: all).
FONTS = {
    "Cairo Arabic": ("cairo/files/cairo-arabic-wght-normal", (400, 900), None),
    "Cairo Latin": ("cairo/files/cairo-latin-wght-normal", (400, 900), None),
    "Cairo Latin Ext": ("cairo/files/cairo-latin-ext-wght-normal", (400, 900), None),
    "Noto Sans Arabic": ("noto-sans-arabic/files/noto-sans-arabic-arabic-wght-normal", 600, ARABIC),
    "Noto Sans Tifinagh": ("noto-sans-tifinagh/files/noto-sans-tifinagh-tifinagh-400-normal", None, None),
    "Noto Sans Amazigh": ("noto-sans/files/noto-sans-latin-ext-600-normal", None, AMAZIGH),
    "Noto Emoji": ("noto-emoji/files/noto-emoji-emoji-400-normal", None, None),
}
#: How far an alef reaches under its lam, in units of 1000 an em.
REACH = 220


def cut(source: Path, name: str, weights: object, wanted: list[int] | None) -> TTFont:
    """One font under its name in the design."""
    font = TTFont(source)
    if weights:
        instancer.instantiateVariableFont(font, {"wght": weights}, inplace=True)
    fresh = io.BytesIO()
    font.flavor = None
    font.save(fresh)
    font = TTFont(fresh, recalcTimestamp=False)
    options = Options(layout_features=["*"], hinting=False, glyph_names=False, notdef_outline=True)
    options.name_IDs = ["*"]
    subsetter, has = Subsetter(options), font.getBestCmap()
    subsetter.populate(unicodes=[code for code in wanted or has if code in has])
    subsetter.subset(font)
    font["name"].names = [record for record in font["name"].names if record.nameID != 16]
    for record in font["name"].names:
        if record.nameID in (1, 4):
            record.string = name
    return font


def read_letter_by_letter(font: TTFont) -> None:
    """Lam-alef in two glyphs (the drawing, and an empty alef before it), and no other two letters in one.

    A PDF tells which letters a glyph stands for; where these are two, Chrome reads them in the wrong order from right to left.
    """
    font.__delitem__("HVAR")
    table, glyphs, metrics = font["GSUB"], font["glyf"], font["hmtx"]
    records = [record for record in table.table.FeatureList.FeatureRecord if record.FeatureTag == "rlig"]
    pairs = []
    for index in {index for record in records for index in record.Feature.LookupListIndex}:
        for part in table.table.LookupList.Lookup[index].SubTable:
            pairs += [(lam, one.Component[0], one.LigGlyph) for lam in ("uniFEDF", "uniFEE0") for one in part.ligatures.get(lam, [])
                      if len(one.Component) == 1]  # fmt: skip
            kept = {first: [one for one in ones if one.LigGlyph == "uniFDF2"] for first, ones in part.ligatures.items()}
            part.ligatures = {first: ones for first, ones in kept.items() if ones}
    empty = {alef: f"alef{number}" for number, alef in enumerate(dict.fromkeys(alef for _lam, alef, _both in pairs))}
    font.setGlyphOrder([*font.getGlyphOrder(), *empty.values()])
    glyphs.glyphOrder = font.getGlyphOrder()
    for name in empty.values():
        pen = TTGlyphPen(None)  # a line without a surface: a glyph without any is not read
        pen.moveTo((60, 40))
        pen.lineTo((160, 600))
        pen.lineTo((60, 40))
        pen.closePath()
        glyphs.glyphs[name], metrics.metrics[name], font["gvar"].variations[name] = pen.glyph(), (REACH, 60), []
    both = dict.fromkeys(one for _lam, _alef, one in pairs)
    for name in both:
        glyph = glyphs[name]
        if glyph.isComposite():
            for part in glyph.components:
                part.x -= 0 if part.glyphName in both else REACH
        else:
            glyph.coordinates.translate((-REACH, 0))
        glyph.recalcBounds(glyphs)
        metrics.metrics[name] = (metrics[name][0] - REACH, glyph.xMin)
    rules = [f"lookup A{number} {{ sub {alef} by {name}; }} A{number};" for number, (alef, name) in enumerate(empty.items())]
    rules += [f"lookup L{number} {{ sub {lam} by {one}; }} L{number};" for number, (lam, _alef, one) in enumerate(pairs)]
    place = list(empty).index
    chains = [f"sub {lam}' lookup L{number} {alef}' lookup A{place(alef)};" for number, (lam, alef, _one) in enumerate(pairs)]
    feature = f"feature rlig {{ lookup BOTH {{ lookupflag IgnoreMarks; {' '.join(chains)} }} BOTH; }} rlig;"
    addOpenTypeFeaturesFromString(font, "\n".join(["languagesystem arab dflt;", *rules, feature]), tables=["GSUB"])
    made, font["GSUB"] = font["GSUB"].table, table
    join(table.table.LookupList, made, records)


def join(lookups: object, made: object, records: list[object]) -> None:
    """Put the lookups of another table behind these, and name them in the features of `records`."""
    base = len(lookups.Lookup)
    for lookup in made.LookupList.Lookup:
        for part in lookup.SubTable:
            for chosen in called(part):
                chosen.LookupListIndex += base
        lookups.Lookup.append(lookup)
    lookups.LookupCount = len(lookups.Lookup)
    first = next(record for record in made.FeatureList.FeatureRecord if record.FeatureTag == "rlig").Feature.LookupListIndex
    for record in records:
        record.Feature.LookupListIndex += [index + base for index in first]
        record.Feature.LookupCount = len(record.Feature.LookupListIndex)


def called(part: object) -> list[object]:
    """The calls of other lookups inside a part of a table."""
    found = list(getattr(part, "SubstLookupRecord", None) or [])
    for value in vars(part).values():
        for inner in value if isinstance(value, list) else [value]:
            if hasattr(inner, "__dict__") and type(inner).__name__ != "SubstLookupRecord":
                found += called(inner)
    return found


def ranges(codes: set[int]) -> str:
    """Code points as ranges of hex digits, in lines of a readable length."""
    pairs: list[list[int]] = []
    for code in sorted(codes):
        if pairs and pairs[-1][1] == code - 1:
            pairs[-1][1] = code
        else:
            pairs.append([code, code])
    rows = [""]
    for first, last in pairs:
        word = f"{first:04X}-{last:04X}" if first != last else f"{first:04X}"
        if len(rows[-1]) + len(word) > 118:
            rows.append("")
        rows[-1] += f"{word} "
    return "".join(f"{row.rstrip()}\n" for row in rows)


def main() -> None:
    """Write the fonts and the list of letters that they have."""
    codes: set[int] = set()
    for name, (file, weights, wanted) in FONTS.items():
        font = cut(Path(sys.argv[1]) / f"{file}.woff2", name, weights, wanted)
        if name == "Cairo Arabic":
            read_letter_by_letter(font)
        font.save(ROOT / "workers" / "posters" / "fonts" / f"{name.lower().replace(' ', '-')}.ttf")
        codes |= set(font.getBestCmap())
    # Accents by themselves would take their letter's place where they stand in another font; signs of direction hide words.
    codes -= {*range(0x300, 0x370), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    shown = {code for code in codes if code >= 0x20 and code not in (0x7F, 0xAD) and not 0xE000 <= code < 0xF900 and code < 0xE0000}
    (ROOT / "memes" / "data" / "letters.txt").write_text(ranges(shown | {0x200D, 0xFE0F}), encoding="ascii")


if __name__ == "__main__":
    main()
