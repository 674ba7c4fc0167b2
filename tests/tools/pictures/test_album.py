"""Pictures of pages: only what shows something else is written anew, and all of them have a budget."""

import base64
import sys

import pytest

from tests.browser import chromium
from tools.installation import NotRunning
from tools.pictures import __main__ as pictures
from tools.pictures.album import Album

PAINT = """([red, text]) => {
  const canvas = new OffscreenCanvas(800, 400), pen = canvas.getContext('2d');
  pen.fillStyle = red ? '#f00' : '#fff';
  pen.fillRect(0, 0, 800, 400);
  pen.fillStyle = '#000';
  if (text) pen.fillRect(4, 4, 6, 6);
  return canvas.convertToBlob({type: 'image/webp', quality: 0.5}).then(blob => new Promise(done => {
    const read = new FileReader();
    read.onload = () => done(read.result.split(',')[1]);
    read.readAsDataURL(blob);
  }));
}"""


@pytest.mark.slow
async def test_only_what_shows_something_else_is_written(tmp_path):
    async with chromium() as browser:
        desk = await browser.new_page()

        async def painted(*how):
            return base64.b64decode(await desk.evaluate(PAINT, list(how)))

        white, later, red = (
            await painted(False, False),
            await painted(False, True),
            await painted(True, False),
        )
        first = Album(tmp_path)
        for name in ("same", "time-goes-by", "changed", "gone"):
            await first.put(name, white, desk)
        assert (first.kept, first.written) == (0, 4)
        second = Album(tmp_path)
        await second.put("same", white, desk)
        await second.put("time-goes-by", later, desk)
        await second.put("changed", red, desk)
        second.forget_others()
        assert (second.kept, second.written) == (2, 1)
    kept = {path.stem: path.read_bytes() for path in tmp_path.glob("*.webp")}
    assert kept == {"same": white, "time-goes-by": white, "changed": red}
    assert second.size == sum(len(each) for each in kept.values())


@pytest.mark.parametrize(("budget", "ends"), [(100, False), (99, True)])
def test_the_budget_is_of_all_of_them(tmp_path, monkeypatch, capsys, budget, ends):
    async def walk(here, console, album):
        await album.put("today", b"x" * 100, None)

    monkeypatch.setattr(pictures, "walk", walk)
    monkeypatch.setattr(pictures, "read_endpoints", lambda folder: {"console": "http://localhost"})
    monkeypatch.setattr(pictures, "MOST_BYTES", budget)
    monkeypatch.setattr(sys, "argv", ["pictures", "--to", str(tmp_path)])
    if ends:
        with pytest.raises(SystemExit, match="more than"):
            pictures.main()
    else:
        pictures.main()
    assert "0 as before, 1 new or changed" in capsys.readouterr().out


def test_without_a_demo_it_says_what_to_type(monkeypatch):
    def nothing(folder):
        raise NotRunning(folder)

    monkeypatch.setattr(pictures, "read_endpoints", nothing)
    monkeypatch.setattr(sys, "argv", ["pictures"])
    with pytest.raises(SystemExit, match="make demo KEEP=1"):
        pictures.main()
