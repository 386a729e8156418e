"""Painting windows from 1280x720 sources, beside Pillow, OpenCV, skia and a bare copy of the canvas.

`python -m benchmarks.paint` from the checkout; peers that are not installed are left out. All take PIL
pictures, another one for each window, and give one; they take turns, with as many threads as they use of
themselves, and are told by their medians.
"""

import importlib.util
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from layoutkit import grid, paint
from layoutkit.geometry.fit import Fit, fit
from layoutkit.geometry.layout import Layout
from layoutkit.geometry.rect import Size

SOURCE = Size(1280, 720)
ROUNDS = 25


def photo(seed: int, size: Size = SOURCE) -> Image.Image:
    """Noise whose power falls with frequency as a photograph's does."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.rfftfreq(size.width)[None], np.fft.fftfreq(size.height)[:, None])
    frequency[0, 0] = 1
    planes = []
    for _ in range(3):
        wave = rng.normal(size=frequency.shape) + 1j * rng.normal(size=frequency.shape)
        plane = np.fft.irfft2(wave / frequency**1.2, (size.height, size.width))
        planes.append(np.clip((plane - plane.mean()) / plane.std() * 50 + 128, 0, 255))
    return Image.fromarray(np.stack(planes, -1).astype(np.uint8))


def fits(layout: Layout) -> list[Fit]:
    return [fit(window.render_mode, SOURCE, window.rect) for window in layout.windows]


def by_pillow(layout: Layout, sources: list[Image.Image], quality: Image.Resampling) -> Image.Image:
    canvas = Image.new("RGB", (layout.canvas.width, layout.canvas.height))
    for fitted, source in zip(fits(layout), sources, strict=True):
        cut, landing = fitted.cut, fitted.landing
        box = (float(cut.x), float(cut.y), float(cut.right), float(cut.bottom))
        canvas.paste(source.resize((landing.width, landing.height), quality, box), (landing.x, landing.y))
    return canvas


def by_opencv(layout: Layout, sources: list[Image.Image]) -> Image.Image:
    import cv2

    canvas = np.zeros((layout.canvas.height, layout.canvas.width, 3), np.uint8)
    for fitted, source in zip(fits(layout), sources, strict=True):
        cut, to = fitted.cut, fitted.landing
        piece = np.asarray(source)[round(cut.y) : round(cut.bottom), round(cut.x) : round(cut.right)]
        small = cv2.resize(piece, (to.width, to.height), interpolation=cv2.INTER_AREA)
        canvas[to.y : to.bottom, to.x : to.right] = small
    return Image.fromarray(canvas)


def by_skia(layout: Layout, sources: list[Image.Image]) -> Image.Image:
    import skia

    surface = skia.Surface(layout.canvas.width, layout.canvas.height)
    linear = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    with surface as canvas:
        for fitted, source in zip(fits(layout), sources, strict=True):
            cut, to = fitted.cut, fitted.landing
            image = skia.Image.fromarray(np.asarray(source.convert("RGBA")), skia.kRGBA_8888_ColorType)
            canvas.drawImageRect(
                image,
                skia.Rect.MakeLTRB(*map(float, (cut.x, cut.y, cut.right, cut.bottom))),
                skia.Rect.MakeLTRB(to.x, to.y, to.right, to.bottom),
                linear,
            )
    return Image.fromarray(surface.toarray(colorType=skia.kRGBA_8888_ColorType)[..., :3].copy())


def psnr_db(one: Image.Image, other: Image.Image) -> float:
    error = np.mean((np.asarray(one, float) - np.asarray(other, float)) ** 2)
    return float(10 * np.log10(255**2 / error))


def main() -> None:
    pictures = [photo(seed) for seed in range(16)]
    print("| windows | canvas | how | ms | of Pillow's | PSNR to Lanczos, dB |\n|---|---|---|---|---|---|")
    for canvas in ((1280, 720), (1920, 1080)):
        for count in (9, 16):
            measure(pictures[:count], grid(canvas, [f"user-{n}" for n in range(count)]))


def measure(pictures: list[Image.Image], layout: Layout) -> None:
    sources = {f"user-{n}": picture for n, picture in enumerate(pictures)}
    copied = np.zeros((layout.canvas.height, layout.canvas.width, 3), np.uint8)
    ways: dict[str, Callable[[], object]] = {
        "Pillow bilinear": lambda: by_pillow(layout, pictures, Image.Resampling.BILINEAR),
        "layoutkit": lambda: paint(layout, sources=sources),
    }
    if importlib.util.find_spec("cv2"):
        ways["OpenCV INTER_AREA"] = lambda: by_opencv(layout, pictures)
    if importlib.util.find_spec("skia"):
        ways["skia"] = lambda: by_skia(layout, pictures)
    ways["copy of the canvas"] = copied.copy
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - start)
    reference = by_pillow(layout, pictures, Image.Resampling.LANCZOS)
    base = statistics.median(times["Pillow bilinear"])
    for name, way in ways.items():
        median = statistics.median(times[name])
        picture = way()
        quality = f"{psnr_db(picture, reference):.1f}" if isinstance(picture, Image.Image) else ""
        ratio = f"{median / base:.2f}"
        print(
            f"| {len(layout.windows)} | {layout.canvas} | {name} | {median * 1e3:.1f} | {ratio} | {quality} |"
        )


if __name__ == "__main__":
    main()
