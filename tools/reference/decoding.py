"""Makes tests/Tastemaker.Tests/Goldens/decoding: one small file for each way of storing pixels, and what Pillow 9.4.0 reads from it.

    python3 tools/reference/decoding.py tests/Tastemaker.Tests/Goldens/decoding      (Debian 12: apt install python3-pil)
"""
import hashlib, io, json, pathlib, struct, sys, zlib
import PIL
from PIL import Image

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
W, H = 29, 23
files = {}


def noise(n, seed=1):
    data = bytearray(n)
    for i in range(n):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        data[i] = seed >> 24
    return bytes(data)


def image(mode, bands, w=W, h=H):
    return Image.frombytes(mode, (w, h), noise(w * h * bands))


def save(name, im, **options):
    b = io.BytesIO()
    im.save(b, name.rsplit(".", 1)[1].replace("tif", "tiff"), **options)
    files[name] = b.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, colour, samples, *extra, adam7=False):
    """samples: bits of a pixel."""
    raw, bits = b"", depth * samples
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] if adam7 else [(0, 0, 1, 1)]
    for k, (x, y, dx, dy) in enumerate(passes):
        w, h = -(-(W - x) // dx), -(-(H - y) // dy)
        row = (w * bits + 7) // 8
        data = noise(row * h, k + 1)
        raw += b"".join(b"\0" + data[i * row:(i + 1) * row] for i in range(h))
    ihdr = struct.pack(">IIBBBBB", W, H, depth, colour, 0, 0, int(adam7))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + b"".join(extra) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


palette = chunk(b"PLTE", noise(3 * 256, 7))
files["grey1.png"] = png(1, 0, 1)
files["grey2.png"] = png(2, 0, 1)
files["grey4.png"] = png(4, 0, 1)
files["grey8_transparent.png"] = png(8, 0, 1, chunk(b"tRNS", b"\0\x40"))
files["grey16.png"] = png(16, 0, 1)
files["grey_alpha8.png"] = png(8, 4, 2)
files["grey_alpha16.png"] = png(16, 4, 2)
files["rgb8_transparent.png"] = png(8, 2, 3, chunk(b"tRNS", b"\0\x10\0\x20\0\x30"))
files["rgb16.png"] = png(16, 2, 3)
files["rgba8.png"] = png(8, 6, 4)
files["rgba16.png"] = png(16, 6, 4)
files["palette1.png"] = png(1, 3, 1, chunk(b"PLTE", noise(6)))
files["palette2.png"] = png(2, 3, 1, chunk(b"PLTE", noise(12)))
files["palette4.png"] = png(4, 3, 1, chunk(b"PLTE", noise(48)))
files["palette8_transparent.png"] = png(8, 3, 1, palette, chunk(b"tRNS", noise(200, 9)))
files["rgb8_adam7.png"] = png(8, 2, 3, adam7=True)
files["grey1_adam7.png"] = png(1, 0, 1, adam7=True)
b = io.BytesIO()
image("RGB", 3).save(b, "png", save_all=True, append_images=[image("RGB", 3).rotate(180)])
files["animated.png"] = b.getvalue()

p = image("P", 1)
p.putpalette(noise(768, 5))
save("palette.gif", p)
save("interlaced.gif", p, interlace=1)
save("transparent.gif", p, transparency=17)
save("grey.gif", image("L", 1))
frame = bytearray(files["transparent.gif"])
frame[6:10] = struct.pack("<HH", W + 11, H + 6)
at = frame.index(b",\0\0\0\0" + struct.pack("<HH", W, H))
frame[at + 1:at + 5] = struct.pack("<HH", 7, 2)
files["offset_transparent.gif"] = bytes(frame)
frame = bytearray(files["palette.gif"])
at = frame.index(b",\0\0\0\0" + struct.pack("<HH", W, H))
frame[at + 1:at + 5] = struct.pack("<HH", 7, 2)
files["beyond_canvas.gif"] = bytes(frame)
b = io.BytesIO()
p.save(b, "gif", save_all=True, append_images=[p.rotate(180)], duration=100)
files["animated.gif"] = b.getvalue()


def bmp(bits, compression, colours, data, w=W, h=H, masks=b"", size=40, entries=0):
    info = struct.pack("<IiiHHIIiiII", size, w, h, 1, bits, compression, len(data), 2835, 2835, entries, 0) + masks
    offset = 14 + len(info) + len(colours)
    return b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset) + info + colours + data


def rows(bits):
    return noise((W * bits + 31) // 32 * 4 * H, bits)


def quads(n, seed=3):
    data = bytearray(noise(4 * n, seed))
    data[3::4] = bytes(n)
    return bytes(data)


grey = b"".join(bytes((i, i, i, 0)) for i in range(256))
files["palette1.bmp"] = bmp(1, 0, quads(2), rows(1))
files["bilevel.bmp"] = bmp(1, 0, b"\0\0\0\0\xff\xff\xff\0", rows(1))
files["palette4.bmp"] = bmp(4, 0, quads(16), rows(4))
files["palette8.bmp"] = bmp(8, 0, quads(256), rows(8))
files["palette8_short.bmp"] = bmp(8, 0, quads(200), rows(8), entries=200)
files["grey8.bmp"] = bmp(8, 0, grey, rows(8))
files["rgb15.bmp"] = bmp(16, 0, b"", rows(16))
files["rgb16_masks.bmp"] = bmp(16, 3, struct.pack("<III", 0xF800, 0x7E0, 0x1F), rows(16))
files["rgb24.bmp"] = bmp(24, 0, b"", rows(24))
files["rgb24_top_down.bmp"] = bmp(24, 0, b"", rows(24), h=-H)
files["rgb32.bmp"] = bmp(32, 0, b"", rows(32))
v5 = lambda *m: struct.pack("<IIII", *m) + bytes(108 - 56)
files["rgba32_v4.bmp"] = bmp(32, 3, b"", rows(32), masks=v5(0xFF0000, 0xFF00, 0xFF, 0xFF000000), size=108)
files["rgba32_reversed_v4.bmp"] = bmp(32, 3, b"", rows(32), masks=v5(0xFF, 0xFF00, 0xFF0000, 0xFF000000), size=108)
old = struct.pack("<IHHHH", 12, W, H, 1, 8)
files["os2.bmp"] = b"BM" + struct.pack("<IHHI", 0, 0, 0, 26 + 768) + old + noise(768, 4) + rows(8)
run = b"".join(bytes((10, 5 + y, 0, 9)) + noise(9, y) + b"\0" + bytes((10, 77)) + b"\0\0" for y in range(H)) + b"\0\1"
files["rle8.bmp"] = bmp(8, 1, quads(256), run)
run = b"".join(bytes((13, 0x5A, 0, 8)) + noise(4, y) + bytes((8, y)) + b"\0\0" for y in range(H)) + b"\0\1"
files["rle4.bmp"] = bmp(4, 2, quads(16), run)

save("bilevel.tif", image("L", 1).convert("1", dither=0))
save("grey.tif", image("L", 1))
save("grey_alpha.tif", image("LA", 2))
save("rgb_lzw.tif", image("RGB", 3), compression="tiff_lzw")
save("rgb_deflate.tif", image("RGB", 3), compression="tiff_adobe_deflate")
save("rgba.tif", image("RGBA", 4))
save("cmyk.tif", image("CMYK", 4))
save("palette.tif", p)
white = bytearray(files["grey.tif"])
entry = white.index(struct.pack("<HHI", 262, 3, 1))
white[entry + 8:entry + 10] = struct.pack("<H", 0)
files["white_is_zero.tif"] = bytes(white)
unspecified = bytearray(files["rgba.tif"])
entry = unspecified.index(struct.pack("<HHI", 338, 3, 1))
unspecified[entry + 8:entry + 10] = struct.pack("<H", 0)
files["rgbx.tif"] = bytes(unspecified)

save("rgb_lossless.webp", image("RGB", 3), lossless=True)
save("rgba_lossless.webp", image("RGBA", 4), lossless=True, exact=True)
b = io.BytesIO()
image("RGB", 3).save(b, "webp", lossless=True, save_all=True, append_images=[image("RGB", 3).rotate(180)])
files["animated_lossless.webp"] = b.getvalue()

cases = []
for name, data in files.items():
    (out / name).write_bytes(data)
    im = Image.open(io.BytesIO(data))
    im.load()
    rgb = im.convert("RGB").tobytes()
    own = im.tobytes() if im.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else rgb
    cases.append({"file": name, "mode": im.mode, "size": im.size, "rgb_sha256": hashlib.sha256(rgb).hexdigest(),
                  "pixels_sha256": hashlib.sha256(own).hexdigest()})
(out / "decoding.json").write_text(json.dumps({"pillow": PIL.__version__, "cases": cases}, indent=1) + "\n")
