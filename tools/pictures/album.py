"""The folder of pictures: a picture that shows the same as before is left as it is."""

import base64
from pathlib import Path

from playwright.async_api import Page

SAME = 0.004  # share of pixels that may differ: times go by, nothing else does
# 1 where the sizes differ, else the share of pixels that are clearly another colour
DIFFER = """async ([one, other]) => {
  const draw = async data => {
    const image = new Image();
    image.src = `data:image/webp;base64,${data}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext('2d');
    pen.drawImage(image, 0, 0);
    return pen.getImageData(0, 0, image.width, image.height);
  };
  const [a, b] = await Promise.all([draw(one), draw(other)]);
  if (a.width !== b.width || a.height !== b.height) return 1;
  let n = 0;
  for (let i = 0; i < a.data.length; i += 4)
    if (Math.abs(a.data[i] - b.data[i]) + Math.abs(a.data[i + 1] - b.data[i + 1])
        + Math.abs(a.data[i + 2] - b.data[i + 2]) > 96) n++;
  return n / (a.width * a.height);
}"""


class Album:
    """Attributes: kept, written: pictures left as they were, and new or changed ones."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: set[str] = set()
        self.kept = self.written = 0

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(path.stat().st_size for path in self._folder.glob("*.webp"))

    async def put(self, name: str, picture: bytes, desk: Page) -> None:
        """Keep a picture, unless it shows the same as the one that is there.

        Args:
            desk: a page of nobody's on which the two are compared.
        """
        self._names.add(name)
        path = self._folder / f"{name}.webp"
        if path.exists():
            both = [
                base64.b64encode(picture_bytes).decode()
                for picture_bytes in (path.read_bytes(), picture)
            ]
            if await desk.evaluate(DIFFER, both) < SAME:
                self.kept += 1
                return
        self._folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
        self.written += 1

    def forget_others(self) -> None:
        """Delete pictures of pages that are not there any more."""
        for path in self._folder.glob("*.webp"):
            if path.stem not in self._names:
                path.unlink()
