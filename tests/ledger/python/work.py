'''The process that consumes, as the library's launcher runs it.'''
import asyncio
import os

from microagent import MicroAgent, Queue, Signal, consumer, launcher, on, receiver

from book import Book, arguments, without_query

options = arguments('agent', 'deadline', 'dsn', 'ledger')
book = Book(options.ledger)
jobs = Queue(name='jobs')
beat = Signal(name='beat', providing_args=['id'])
Signal(name='response', providing_args=[])


class Crowd(MicroAgent):
    @consumer(jobs, timeout=60)
    async def work(self, id: int, deed: str, hold: int, **kwargs) -> None:
        book.write('began', id)
        await asyncio.sleep(hold / 1000)
        if deed == 'fail':
            raise RuntimeError('it was told to fail')
        if deed == 'abort':
            os.abort()
        book.write('processed', id)

    @receiver(beat)
    async def hear(self, id: int, **kwargs) -> None:
        book.write('heard', id)

    @on('post_start')
    async def started(self) -> None:
        book.write('ready', 0)

    @on('pre_stop')
    async def stopping(self) -> None:
        book.write('stopping', 0)


if __name__ == '__main__':
    # Here no launcher is the parent whose end it watches for.
    launcher._master_watcher = lambda name: None
    place = {'dsn': without_query(options.dsn)}
    config = {
        'bus': ('microagent.tools.redis.RedisSignalBus', dict(place)),
        'broker': ('microagent.tools.redis.RedisBroker', dict(place)),
    }
    launcher.run_agent('crowd', '__main__.Crowd', config)
