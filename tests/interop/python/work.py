'''Consumes jobs as an agent of the Python library. Arguments: DSN, name of the queue.'''
import asyncio
import sys

from microagent import MicroAgent, Queue, consumer
from microagent.tools.redis import RedisBroker

dsn, name = sys.argv[1:]
jobs = Queue(name=name)


class Worker(MicroAgent):
    @consumer(jobs)
    async def work(self, id: int, hold: int = 0, **kwargs) -> None:
        print('began', id, flush=True)
        await asyncio.sleep(hold / 1000)
        print('done', id, flush=True)


async def main() -> None:
    await Worker(broker=RedisBroker(dsn)).start()
    print('ready', 0, flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
