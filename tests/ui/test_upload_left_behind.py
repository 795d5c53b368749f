"""A browser that goes away in the middle of an upload leaves nothing behind."""

from __future__ import annotations

import asyncio
import time

from workbench.ui.components import Upload


def begin(upload, size=100):
    upload._handle_custom_msg({"event": "begin", "id": "1", "name": "t.csv", "size": size}, [])


def chunk(upload, at, size=10):
    upload._handle_custom_msg({"event": "chunk", "id": "1", "at": at}, [memoryview(b"x" * size)])


def test_a_browser_that_stops_sending_has_its_part_deleted_and_that_is_said():
    async def scene():
        upload = Upload(patience_s=0.03)
        begin(upload)
        chunk(upload, 0)
        folder = upload._folder
        assert [p.stat().st_size for p in folder.iterdir()] in ([0], [10])
        while upload.state == "uploading":
            await asyncio.sleep(0.01)
        assert upload.state == "error"
        assert upload.error == "The browser stopped sending t.csv; what had come was deleted. Upload it again."
        assert not folder.exists()
        chunk(upload, 10)
        assert upload.state == "error", "a piece that comes too late changes nothing"

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_a_kernel_that_was_busy_does_not_take_its_own_silence_for_the_browser_s():
    async def scene():
        upload = Upload(patience_s=0.3)
        begin(upload, 20)
        chunk(upload, 0)
        asyncio.get_running_loop().call_soon(time.sleep, 0.5)  # a cell that keeps the kernel busy for longer than that
        await asyncio.sleep(0.01)
        chunk(upload, 10)
        assert upload.state == "complete"
        path = upload.path
        await asyncio.sleep(0.5)
        assert path.exists(), "what is complete stays"
        upload.close()

    asyncio.run(asyncio.wait_for(scene(), 30))
