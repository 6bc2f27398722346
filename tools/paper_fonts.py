"""Makes the fonts of printed papers anew from Debian's `fonts-noto-core`: `python tools/paper_fonts.py [FOLDER]`.

One font a weight holds every script, so that a line of several is shaped as one. Each script must be shaped by the made font exactly as by its source.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import uharfbuzz
from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

SOURCE = Path("/usr/share/fonts/truetype/noto")
MADE = Path(__file__).resolve().parent.parent / "cbi" / "web" / "fonts"
LATIN = "U+0020-024F,U+0300-036F,U+1E00-1EFF,U+2000-206F,U+20A0-20CF,U+2100-214F,U+2190-2195,U+2200-2265,U+25A0-25CF"
# What is kept of each font: the letters of languages written in Latin script, and the whole of the others.
KEPT = {"NotoSans": LATIN, "NotoSansArabic": "", "NotoSansBengali": "", "NotoSansMyanmar": "", "NotoSansEthiopic": ""}
SAMPLES = {
    "NotoSans": "Ñandú Ọ́ Đặng Şükrü ffi",
    "NotoSansArabic": "مُحَمَّد عبد اللّٰه گلچهره می‌روم ۱۲۳",
    "NotoSansBengali": "ক্ষেত্র স্ত্রী র‍্যাব কর্ম জ্ঞান শ্রী",
    "NotoSansMyanmar": "မင်္ဂလာပါ ကျွန်တော် ဗုဒ္ဓ မြန်မာ",
    "NotoSansEthiopic": "ሰላም ለዓለም፡ ብርሃን ኧኸ",
}
_DASH, _MINUS = 0x2013, 0x2212


def main() -> None:
    """Make both weights, and refuse to keep one that shapes a script otherwise than its source."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    for weight in ("Regular", "Bold"):
        made = MADE / f"Paper-{weight}.ttf"
        _merge(source, weight, made)
        for name, sample in SAMPLES.items():
            if _shaped(made, sample) != _shaped(source / f"{name}-{weight}.ttf", sample):
                raise SystemExit(f"{made.name} shapes {name} otherwise than its source: do not keep it")


def _merge(source: Path, weight: str, made: Path) -> None:
    with TemporaryDirectory() as folder:
        parts = [_part(source / f"{name}-{weight}.ttf", letters, Path(folder)) for name, letters in KEPT.items()]
        merged = Merger().merge([str(part) for part in parts])
    for table in merged["cmap"].tables:
        table.cmap[_MINUS] = table.cmap[_DASH]  # Noto Sans of 2020 has no minus sign
    merged.recalcTimestamp = False  # the same bytes from the same sources
    merged["head"].created = merged["head"].modified = TTFont(source / f"NotoSans-{weight}.ttf")["head"].modified
    merged.save(made)


def _part(path: Path, letters: str, folder: Path) -> Path:
    font = TTFont(path, recalcTimestamp=False)
    chosen = subset.Subsetter(subset.Options(layout_features=["*"], hinting=False, name_IDs=["*"]))
    chosen.populate(unicodes=subset.parse_unicodes(letters) if letters else set(font.getBestCmap()))
    chosen.subset(font)
    part = folder / path.name
    font.save(part)
    return part


def _shaped(path: Path, text: str) -> list[tuple[int, int, int, int]]:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(path))), buffer)
    if any(info.codepoint == 0 for info in buffer.glyph_infos):
        raise SystemExit(f"{path.name} has no sign for a letter of its own sample")
    return [
        (info.cluster, place.x_advance, place.x_offset, place.y_offset)
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]


if __name__ == "__main__":
    main()
