"""Makes the CMYK JPEG of the tests, which OpenCV and Java can't write. Needs Pillow (made with 12.3.0).

    python3 make_cmyk_jpeg.py ../resources/org/transfer4j/internal/image/cmyk.jpg

The left half is cyan 200, magenta 40, yellow 0, black 30; the right half 0, 180, 220, 60 (0 no ink, 255 full). Without
profile, ink of c and k leaves (255 - c) * (255 - k) / 255 of red, and so on.
"""

import sys

from PIL import Image

image = Image.new("CMYK", (16, 8), (200, 40, 0, 30))
image.paste((0, 180, 220, 60), (8, 0, 16, 8))
image.save(sys.argv[1], quality=100, subsampling=0)

back = Image.open(sys.argv[1])
print(back.mode, back.convert("RGB").getpixel((3, 3)), back.convert("RGB").getpixel((12, 3)))
