'''The process that sends: each message is written down before it goes, and again once it is confirmed or refused.'''
import asyncio
import time

from microagent import Queue, Signal
from microagent.tools.redis import RedisBroker, RedisSignalBus

from book import Book, arguments, without_query

NAMES = ('beats', 'count', 'deed', 'dsn', 'first', 'hold', 'insist', 'ledger', 'rate', 'within')
WINDOW = 64
AGAIN = 0.05

options = arguments(*NAMES)
book = Book(options.ledger)
Queue(name='jobs')
Signal(name='beat', providing_args=['id'])
Signal(name='response', providing_args=[])
first, count = int(options.first or 0), int(options.count or 1)
rate, hold = float(options.rate or 0), int(options.hold or 0)


async def send_one(broker: RedisBroker, number: int) -> None:
    while True:
        book.write('sent', number)
        try:
            await broker.jobs.send({'id': number, 'deed': options.deed or 'work', 'hold': hold})
            book.write('confirmed', number)
            return
        except Exception:
            book.write('refused', number)
        if not options.insist:
            return
        await asyncio.sleep(AGAIN)


async def send() -> None:
    broker = RedisBroker(without_query(options.dsn))
    room = asyncio.Semaphore(WINDOW)
    began = time.monotonic()

    async def one(number: int) -> None:
        try:
            await send_one(broker, number)
        finally:
            room.release()

    sending = set()
    for number in range(first, first + count):
        if rate:
            due = began + (number - first) / rate
            await asyncio.sleep(max(0, due - time.monotonic()))
            task = asyncio.create_task(send_one(broker, number))
        else:
            await room.acquire()
            task = asyncio.create_task(one(number))
        sending.add(task)
        task.add_done_callback(sending.discard)
    await asyncio.gather(*sending)


async def beat() -> None:
    bus = RedisSignalBus(without_query(options.dsn))
    for number in range(first, first + count):
        try:
            await bus.beat.send('ledger', id=number)
            book.write('emitted', number)
        except Exception:
            pass
        await asyncio.sleep(1 / max(rate, 1))


asyncio.run(beat() if options.beats else send())
