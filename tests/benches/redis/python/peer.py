"""The messages of the benchmark through the library in Python: peer.py DSN prints rows of its table."""
import asyncio
import logging
import sys
import time

from microagent import MicroAgent, Queue, Signal, consumer, receiver
from microagent.tools.redis import RedisBroker, RedisSignalBus

FIELDS = ['id', 'kind', 'customer', 'note', 'amount', 'urgent']
Signal(name='noted', providing_args=FIELDS)
Signal(name='priced', providing_args=FIELDS)
Queue(name='python_work')

# Name, senders, sent at once, messages. A hundred at once are more than its pool of connections allows.
MODES = [('one by one', 1, 1, 2_000), ('64 senders', 64, 1, 6_400), ('50 at once', 1, 50, 6_000)]
ROUNDS = 3
WINDOW = 512
taken = []


def job():
    return {
        'id': time.perf_counter_ns(),
        'kind': 'invoice.created',
        'customer': 'Ada Lovelace, Ockham Park, Surrey',
        'note': 'to be paid within thirty days',
        'amount': 1234.5,
        'urgent': False,
    }


def note(sent):
    taken.append(time.perf_counter_ns() - sent)


class Peer(MicroAgent):
    @receiver(Signal.noted)
    async def on_noted(self, id, **kwargs):
        note(id)

    @receiver(Signal.priced)
    async def on_priced(self, id, **kwargs):
        return id

    @consumer(Queue.python_work)
    async def on_work(self, id, **kwargs):
        note(id)


async def run(send, senders, at_once, messages):
    taken.clear()

    async def send_all():
        for sent in range(0, messages // senders, at_once):
            while len(taken) < sent * senders + at_once - WINDOW:
                await asyncio.sleep(0)
            await asyncio.gather(*[send(job()) for _ in range(at_once)])

    begun = time.perf_counter()
    await asyncio.gather(*[send_all() for _ in range(senders)])
    while len(taken) < messages:
        await asyncio.sleep(0.0001)
    seconds = time.perf_counter() - begun
    taken.sort()
    p50, p99 = (taken[(len(taken) - 1) * permille // 1000] / 1000 for permille in (500, 990))
    return messages / seconds, p50, p99


async def main(dsn):
    bus = RedisSignalBus(dsn, prefix='BENCH')
    broker = RedisBroker(dsn)
    agent = Peer(bus=bus, broker=broker)
    await agent.start()
    await asyncio.sleep(2)

    async def call(message):
        await bus.priced.call('peer', **message)
        note(message['id'])

    # The queue first: its consumer ends for good when nothing comes for five seconds.
    ways = [
        ('queue, list', broker.python_work.send),
        ('signal, pub/sub', lambda message: bus.noted.send('peer', **message)),
        ('call', call),
    ]
    for way, send in ways:
        for name, *load in MODES:
            runs = [await run(send, *load) for _ in range(ROUNDS)]
            rate, p50, p99 = max(it[0] for it in runs), min(it[1] for it in runs), min(it[2] for it in runs)
            print(f'| {way} | {name} | {rate:.0f} | {p50:.0f}, {p99:.0f} |', flush=True)


logging.disable(logging.CRITICAL)
asyncio.run(asyncio.wait_for(main(sys.argv[1]), 300))
