"""Against a real server on this machine: what was published is there in the end, or nothing that could be used."""

from __future__ import annotations

import dataclasses
import hashlib
import socket
import threading
import time

import numpy as np
import pytest

from deepetch.errors import DownloadFailed, InvalidOptions
from deepetch.inference.download import download, is_downloaded
from deepetch.inference.registry import MODELS
from deepetch.inference.spec import Download, ModelSpec
from small_disk import small_disk
from weights_server import serving

CONTENT = np.random.default_rng(0).bytes(700_001)  # of several chunks
HALF = 300_000


@pytest.fixture
def server():
    with serving(CONTENT) as state:
        yield state


@pytest.fixture
def spec(tmp_path, server):
    return spec_of(tmp_path / "models" / "net.onnx", server.url)


def spec_of(file, url, checksum=None):
    checksum = checksum or f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
    wanted = Download(url=url, checksum=checksum, size=len(CONTENT), terms="https://example.org/licence")
    return ModelSpec(name="net", file=file, download=wanted)


def partial(spec, content):
    """A file that an earlier call has left."""
    spec.file.parent.mkdir(exist_ok=True)
    path = spec.file.with_name("net.onnx.part")
    path.write_bytes(content)
    return path


def left(spec):
    return {path.name: path.stat().st_size for path in spec.file.parent.iterdir()}


def test_whole_file_comes_and_nothing_else_stays(spec, server):
    seen = []
    download(spec, progress=seen.append)
    assert spec.file.read_bytes() == CONTENT
    assert left(spec) == {"net.onnx": len(CONTENT)}
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)
    assert is_downloaded(spec)


def test_md5_counts_where_that_is_what_was_published(tmp_path, server):
    spec = spec_of(tmp_path / "net.onnx", server.url, f"md5:{hashlib.md5(CONTENT).hexdigest()}")
    download(spec)
    assert is_downloaded(spec)


def test_what_is_there_is_not_asked_for_again(spec, server):
    download(spec)
    download(spec)
    assert server.asked == [None]


def test_damaged_file_is_replaced(spec, server):
    download(spec)
    spec.file.write_bytes(CONTENT[:-1] + b"?")
    assert not is_downloaded(spec)
    download(spec)
    assert spec.file.read_bytes() == CONTENT


def test_cut_off_is_said_and_the_next_call_goes_on(spec, server):
    server.cut_after = HALF
    with pytest.raises(DownloadFailed, match=r"ended after 300,000 of 700,001 bytes\. The same call goes on"):
        download(spec)
    assert left(spec) == {"net.onnx.part": HALF}
    server.cut_after = None
    seen = []
    download(spec, progress=seen.append)
    assert server.asked == [None, "bytes=300000-"]
    assert seen[0] == HALF
    assert spec.file.read_bytes() == CONTENT
    assert left(spec) == {"net.onnx": len(CONTENT)}


def test_cut_off_of_a_server_that_does_not_say_how_much_comes(spec, server):
    server.cut_after, server.length = HALF, False
    with pytest.raises(DownloadFailed, match="ended after"):
        download(spec)
    assert left(spec) == {"net.onnx.part": HALF}


def test_server_that_knows_no_ranges_sends_it_all_again(spec, server):
    partial(spec, CONTENT[:HALF])
    server.ranges = False
    download(spec)
    assert server.asked == ["bytes=300000-"]
    assert spec.file.read_bytes() == CONTENT


def test_file_that_changed_since_is_begun_again(spec, server):
    partial(spec, bytes(HALF))  # of another file
    download(spec)
    assert server.asked == ["bytes=300000-", None]
    assert spec.file.read_bytes() == CONTENT


def test_partial_file_that_is_whole_needs_no_server(spec, server):
    partial(spec, CONTENT)
    download(spec)
    assert server.asked == []
    assert left(spec) == {"net.onnx": len(CONTENT)}


@pytest.mark.parametrize("size", [len(CONTENT), len(CONTENT) + 5])
def test_partial_file_of_other_bytes_as_many_or_more_is_begun_again(spec, server, size):
    partial(spec, bytes(size))
    download(spec)
    assert spec.file.read_bytes() == CONTENT


def test_server_that_has_less_than_the_partial_file_is_asked_for_all(spec, server):
    partial(spec, CONTENT[:HALF])
    server.content = CONTENT[: HALF - 1]
    with pytest.raises(DownloadFailed, match="the server has 299,999 bytes there; 700,001 were published"):
        download(spec)
    assert server.asked == ["bytes=300000-", None]


def test_another_part_than_asked_for_is_refused(spec, server):
    partial(spec, CONTENT[:HALF])
    server.shift = 1
    with pytest.raises(DownloadFailed, match="another part"):
        download(spec)
    assert not spec.file.exists()


def test_other_bytes_are_not_kept(spec, server):
    server.content = CONTENT[:-1] + b"?"
    with pytest.raises(DownloadFailed, match="not the bytes that were published: expected sha256:"):
        download(spec)
    assert left(spec) == {}
    assert server.asked == [None]


def test_other_bytes_leave_an_older_file_as_it_was(spec, server):
    spec.file.parent.mkdir()
    spec.file.write_bytes(b"old")
    server.content = CONTENT[:-1] + b"?"
    with pytest.raises(DownloadFailed):
        download(spec)
    assert left(spec) == {"net.onnx": 3}


@pytest.mark.parametrize("size", [0, 10, len(CONTENT) + 1])
def test_another_size_is_refused_before_anything_comes(spec, server, size):
    server.content = bytes(size)
    with pytest.raises(DownloadFailed, match=f"the server has {size:,} bytes there"):
        download(spec)
    assert left(spec) == {}


def test_endless_answer_ends_with_what_was_published(spec, server):
    server.content, server.length = CONTENT + bytes(1000), False
    download(spec)
    assert spec.file.read_bytes() == CONTENT


@pytest.mark.parametrize("after", [0, HALF])
def test_silent_server_is_given_up(spec, server, after):
    server.hang_after = after
    began = time.monotonic()
    with pytest.raises(DownloadFailed, match="is silent"):
        download(spec, timeout=0.2)
    assert time.monotonic() - began < 5
    assert left(spec) == ({"net.onnx.part": after} if after else {})


def test_server_that_accepts_and_says_nothing_is_given_up(spec):
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.raises(DownloadFailed, match=r"127\.0\.0\.1 is silent"):
        download(spec, url=f"http://127.0.0.1:{deaf.getsockname()[1]}/", timeout=0.2)


@pytest.mark.parametrize(
    ("status", "advice"), [(404, "404 Not Found. Give another"), (403, "403"), (503, "503.*Try again later")]
)
def test_refusal_of_the_server_is_said(spec, server, status, advice):
    server.status = status
    with pytest.raises(DownloadFailed, match=f"the server answers {advice}"):
        download(spec)
    assert left(spec) == {}


def test_offline_is_said(spec):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DownloadFailed, match=r"no connection to .*Check the line"):
        download(spec, url=f"http://127.0.0.1:{port}/net.onnx")
    assert left(spec) == {}


def test_answer_that_is_no_http_is_said(spec):
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(DownloadFailed, match="no connection to"):
            download(spec, url=f"http://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join()


@pytest.mark.parametrize("url", ["net.onnx", "file:///etc/passwd", "ftp://host/net.onnx", "https://", "http://[bad"])
def test_address_that_is_none_is_a_wrong_call(spec, url):
    with pytest.raises(InvalidOptions, match="no address to download from"):
        download(spec, url=url)


def test_shipped_model_has_nothing_to_download():
    with pytest.raises(InvalidOptions, match="default: there is nothing to download"):
        download(MODELS["default"])


def test_second_call_at_once_is_refused_and_the_first_goes_on(spec, server):
    server.hang_after = HALF
    failures = []

    def first():
        try:
            download(spec, timeout=5)
        except DownloadFailed as error:
            failures.append(error)

    thread = threading.Thread(target=first)
    thread.start()
    assert server.begun.wait(5)
    with pytest.raises(DownloadFailed, match="another call is downloading it"):
        download(spec)
    server.go_on.set()  # the server hangs up
    thread.join()
    assert "goes on from there" in str(failures[0])
    server.hang_after = None
    download(spec)
    assert spec.file.read_bytes() == CONTENT


def test_many_calls_at_once_end_with_the_whole_file(spec, server):
    outcomes = []

    def call():
        try:
            download(spec)
            outcomes.append("done")
        except DownloadFailed as error:
            outcomes.append("refused" if "another call" in str(error) else str(error))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "done" in outcomes
    assert set(outcomes) <= {"done", "refused"}
    assert spec.file.read_bytes() == CONTENT
    assert left(spec) == {"net.onnx": len(CONTENT)}


def test_interrupted_call_leaves_what_came(spec, server):
    def stop(done):
        if done > HALF:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(spec, progress=stop)
    assert set(left(spec)) == {"net.onnx.part"}
    download(spec)
    assert spec.file.read_bytes() == CONTENT


def test_full_disk_is_said(tmp_path, server):
    with small_disk(tmp_path / "disk", 400) as disk:
        spec = spec_of(disk / "net.onnx", server.url)
        with pytest.raises(DownloadFailed, match="the disk is full"):
            download(spec)
        assert list(disk.iterdir()) == []


def test_folder_that_cannot_be_made_is_said(tmp_path, server):
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(DownloadFailed, match="cannot be written"):
        download(spec_of(tmp_path / "taken" / "net.onnx", server.url))


def test_row_without_a_file_is_not_downloaded(spec):
    assert not is_downloaded(spec)
    assert not is_downloaded(dataclasses.replace(spec, download=None))
