"""Clients that mean harm, for the webhook's server: many, slow, broken and huge.

    python attack.py HOST PORT --scale 0.25 --seconds 10
    python attack.py HOST PORT --sources 8 --each 256 --seconds 10

Each kind comes from a loopback address of its own, as attackers do; with
--sources there is one kind only, the crowd, and it comes from so many. Prints one
JSON object: for each kind how many connections were made, and how they ended.
"""
import argparse
import asyncio
import collections
import json
import ssl
import struct

HEAD = b"POST /validate HTTP/1.1\r\nHost: errand\r\nContent-Type: application/json\r\n"
PIECE = 64 * 1024
MIB = 1024 * 1024


class Attack:
    """All kinds at once, over `seconds`; `scale` 1 is what docs/performance.md gives figures for."""

    def __init__(self, host: str, port: int, scale: float, seconds: float):
        self.where, self.scale, self.seconds = (host, port), scale, seconds
        self.counts: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.gate = asyncio.Semaphore(32)  # handshakes at a time: the client's own CPU is not what is tested

    def many(self, number: int) -> int:
        return max(1, round(number * self.scale))

    async def run(self) -> dict:
        self.end = asyncio.get_running_loop().time() + self.seconds
        kinds = [(self.idle, 2000), (self.slow_header, 2000), (self.slow_body, 500), (self.handshake_flood, 100),
                 (self.no_handshake, 300), (self.bad_chunks, 40), (self.huge_header, 2), (self.huge_body, 4),
                 (self.abort_in_body, 100), (self.garbage, 100)]
        clients = []
        for number, (kind, count) in enumerate(kinds):
            source = f"127.0.0.{number + 2}"
            clients += [self.one(kind, source) for _ in range(self.many(count))]
        await asyncio.gather(*clients)
        return {kind: dict(count) for kind, count in self.counts.items()}

    async def run_crowd(self, sources: int, each: int) -> dict:
        """Wants every place of the server, from more addresses than the limit of one source stops."""
        await self.connect("127.0.1.1", tls=False)  # on a busy machine, the time runs from the first connection on
        self.end = asyncio.get_running_loop().time() + self.seconds
        await asyncio.gather(*(self.one(self.crowd, f"127.0.1.{number + 1}") for number in range(sources)
                               for _ in range(each)))
        return {kind: dict(count) for kind, count in self.counts.items()}

    async def one(self, kind, source: str) -> None:
        count = self.counts[kind.__name__]
        count["made"] += 1
        try:
            count[await asyncio.wait_for(kind(source), self.seconds + 30)] += 1
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
            count["closed"] += 1
        except TimeoutError:
            count["still open"] += 1

    async def connect(self, source: str, tls: bool = True):
        async with self.gate:
            return await asyncio.open_connection(*self.where, ssl=self.tls if tls else None, local_addr=(source, 0),
                                                 server_hostname="errand" if tls else None)

    def left(self) -> float:
        return max(0.0, self.end - asyncio.get_running_loop().time())

    @staticmethod
    async def closed(reader, writer) -> str:
        """Reads until the server has closed; the status, if it answered."""
        answer = await reader.read(65536)
        first = answer
        while answer:
            answer = await reader.read(65536)
        writer.transport.abort()
        return first[9:12].decode() if first.startswith(b"HTTP/") else "closed"

    async def idle(self, source):
        return await self.closed(*await self.connect(source))

    async def drip(self, source, start: bytes) -> str:
        reader, writer = await self.connect(source)
        writer.write(start)
        ended = asyncio.ensure_future(self.closed(reader, writer))
        while not ended.done():
            writer.write(b"x")
            await asyncio.wait([ended], timeout=1)
        return ended.result()

    async def slow_header(self, source):
        return await self.drip(source, HEAD + b"X: ")

    async def slow_body(self, source):
        return await self.drip(source, HEAD + b"Content-Length: 1000000\r\n\r\n")

    def hello(self) -> bytes:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self.tls.wrap_bio(incoming, outgoing, server_hostname="errand").do_handshake()
        except ssl.SSLWantReadError:
            pass
        return outgoing.read()

    async def handshake_flood(self, source):
        """Makes the server sign, again and again, and goes."""
        hello = self.hello()
        while self.left() > 0:
            reader, writer = await self.connect(source, tls=False)
            writer.write(hello)
            await reader.read(1024)
            writer.transport.abort()
            await asyncio.sleep(0.5)
        return "done"

    async def no_handshake(self, source):
        return await self.closed(*await self.connect(source, tls=False))

    async def crowd(self, source):
        """Sits on a place without a word, and takes another when it is sent away."""
        while self.left() > 0:
            reader, writer = await self.connect(source, tls=False)
            self.counts["crowd"]["connects"] += 1
            await asyncio.wait([asyncio.ensure_future(self.closed(reader, writer))], timeout=self.left())
            writer.transport.abort()
            await asyncio.sleep(2)
        return "done"

    async def bad_chunks(self, source):
        statuses = []
        for size in (b"-1", b"f" * 40, b"0x10", b"1;" + b"e" * 40_000):
            reader, writer = await self.connect(source)
            writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n\r\nx")
            statuses.append(await self.closed(reader, writer))
        return ",".join(statuses)

    async def pour(self, source, start: bytes, piece: bytes, total: int) -> str:
        reader, writer = await self.connect(source)
        ended = asyncio.ensure_future(self.closed(reader, writer))
        writer.write(start)
        sent = 0
        try:
            # What is written to a connection that has gone is dropped without a word.
            while sent < total and not ended.done() and not writer.transport.is_closing():
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
        except OSError:
            pass
        # For a second after its answer the server reads on and drops what comes, so that the answer is not overtaken.
        return await ended

    async def huge_header(self, source):
        return await self.pour(source, HEAD + b"X: ", b"x" * PIECE, 256 * MIB)

    async def huge_body(self, source):
        chunk = b"%x\r\n" % PIECE + b"x" * PIECE + b"\r\n"
        return await self.pour(source, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk, 100 * MIB)

    async def abort_in_body(self, source):
        while self.left() > 0:
            _, writer = await self.connect(source)
            writer.write(HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 50_000)
            await writer.drain()
            # A reset, not an orderly end.
            writer.transport.get_extra_info("socket").setsockopt(1, 13, struct.pack("ii", 1, 0))
            writer.transport.abort()
            await asyncio.sleep(1)
        return "done"

    async def garbage(self, source):
        for noise in (b"\x16\x03\x01\x00\x20" + b"\xff" * 32, b"\x80\x00" * 500, b"GET / HTTP/1.1\r\n\r\n",
                      self.hello()[:-7] + b"garbage", b"\x16\x03\x01\x00\x00"):
            reader, writer = await self.connect(source, tls=False)
            writer.write(noise)
            await self.closed(reader, writer)
        return "done"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("host")
    options.add_argument("port", type=int)
    options.add_argument("--scale", type=float, default=1)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--sources", type=int, default=0)
    options.add_argument("--each", type=int, default=256)
    chosen = options.parse_args()
    attack = Attack(chosen.host, chosen.port, chosen.scale, chosen.seconds)
    print(json.dumps(asyncio.run(attack.run_crowd(chosen.sources, chosen.each) if chosen.sources else attack.run())))


if __name__ == "__main__":
    main()
