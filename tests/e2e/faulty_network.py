"""A network with faults, between processes and brokers: relays that do as they are told.

    network = FaultyNetwork()
    way = network.way(3)                       # to three brokers; clients connect to way.ports
    way.leads_to([19092, 19093, 19094])        # where they really are
    way.suffer(Fault.BLACK_HOLE)
    way.heal()

A way has its faults alone, so that one process can be cut off while another goes on.
"""

import asyncio
import enum
import socket
import struct
import threading

CHUNK_BYTES = 65536
PIECES = 64  # under way at a time, in one direction of a connection
DELAY_S = 0.1
DRIP_BYTES, DRIP_EVERY_S = 256, 0.01


class Fault(enum.Enum):
    """What may befall a way, until it heals."""

    DELAY = "delay"  # all arrives, a while later
    DRIP = "drip"  # all arrives, a few bytes at a time
    CUT = "cut"  # connections are reset, and so are new ones
    HANG_UP = "hang up"  # clients read an end; what they have sent arrives, and its answers do not
    HALF_OPEN = "half open"  # brokers read an end, clients are told nothing, ever; new ones work
    BLACK_HOLE = "black hole"  # connections are accepted, and nothing arrives until it is over


class FaultyNetwork:
    """Its relays run on a thread of their own. For tests' threads."""

    def __init__(self):
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.ways = []

    def way(self, brokers=1):
        made = Way(self)
        self.do(made.listen(brokers))
        self.ways.append(made)
        return made

    def heal(self):
        for each in self.ways:
            each.heal()

    async def _settled(self):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def end(self):
        for each in self.ways:
            self.do(each.close())
        self.do(self._settled())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Way:
    """From one process, or several, to each broker."""

    def __init__(self, network):
        self._network = network
        self._servers = []
        self._connections = set()
        self._is_passable = asyncio.Event()
        self._is_passable.set()
        self._targets = None
        self.ports = []
        self.fault = None

    @property
    def addresses(self):
        return ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def leads_to(self, ports):
        self._targets = ports

    def suffer(self, fault):
        self._network.do(self._suffer(fault))

    def heal(self):
        self._network.do(self._suffer(None))

    async def listen(self, brokers):
        for index in range(brokers):
            async def connected(reader, writer, index=index):
                await self._relay(index, reader, writer)
            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            self._servers.append(server)
            self.ports.append(server.sockets[0].getsockname()[1])

    async def close(self):
        for each in self._servers:
            each.close()
        await self._suffer(Fault.CUT)

    async def _suffer(self, fault):
        self.fault = fault
        if fault == Fault.BLACK_HOLE:
            self._is_passable.clear()
        else:
            self._is_passable.set()
        befalls = {Fault.CUT: Connection.cut, Fault.HANG_UP: Connection.hang_up,
                   Fault.HALF_OPEN: Connection.half_open}
        if fault in befalls:
            for each in list(self._connections):
                befalls[fault](each)

    async def _relay(self, index, reader, writer):
        try:
            to_broker = await asyncio.open_connection("127.0.0.1", self._targets[index])
        except OSError:
            return reset(writer)
        if self.fault == Fault.CUT:
            reset(to_broker[1])
            return reset(writer)
        connection = Connection(self, (reader, writer), to_broker, asyncio.current_task())
        self._connections.add(connection)
        await connection.run()
        self._connections.remove(connection)

    async def passable(self):
        await self._is_passable.wait()


class Connection:
    """Between a client and a broker, as two directions."""

    def __init__(self, way, client, broker, task):
        self._writers = [client[1], broker[1]]
        self._requests = Direction(way, client[0], broker[1])
        self._answers = Direction(way, broker[0], client[1])
        self._task = task

    async def run(self):
        leave = reset
        try:
            async with asyncio.TaskGroup() as directions:
                for each in [self._requests, self._answers]:
                    directions.create_task(each.take())
                    directions.create_task(each.give())
            leave = asyncio.StreamWriter.close
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            for each in self._writers:
                leave(each)

    def cut(self):
        self._task.cancel()

    def hang_up(self):
        self._answers.end()

    def half_open(self):
        self._requests.end()
        self._answers.conceals_end = True


class Direction:
    """What one side sends, on its way to the other."""

    def __init__(self, way, source, sink):
        self._way = way
        self._source = source
        self._sink = sink
        self._pieces = asyncio.Queue(PIECES)
        self._has_ended = False
        self.conceals_end = False

    def end(self):
        """Whoever receives reads an end now, and what comes later is lost."""
        if not self._has_ended:
            self._has_ended = True
            self._sink.write_eof()

    async def take(self):
        data = True
        while data:
            data = await self._read()
            late = DELAY_S if self._way.fault == Fault.DELAY else 0
            await self._pieces.put((asyncio.get_running_loop().time() + late, data))

    async def _read(self):
        try:
            return await self._source.read(CHUNK_BYTES)
        except OSError:
            if self.conceals_end:
                return b""
            raise

    async def give(self):
        while True:
            due, data = await self._pieces.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await self._way.passable()
            if data:
                await self._pass_on(data)
            else:
                if not self.conceals_end:
                    self.end()
                return

    async def _pass_on(self, data):
        while data:
            drips = self._way.fault == Fault.DRIP
            size = DRIP_BYTES if drips else len(data)
            if not self._has_ended:
                self._sink.write(data[:size])
                await self._sink.drain()
            data = data[size:]
            if drips:
                await asyncio.sleep(DRIP_EVERY_S)


def reset(writer):
    """An end without farewell: the other side's next read or write fails."""
    connection = writer.get_extra_info("socket")
    if connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
