'''Sends jobs by the Python library. Arguments: DSN, name of the queue, first number, how many, what each holds in ms.'''
import asyncio
import sys

from microagent import Queue
from microagent.tools.redis import RedisBroker

dsn, name = sys.argv[1:3]
first, count, hold = map(int, sys.argv[3:])
Queue(name=name)


async def main() -> None:
    jobs = getattr(RedisBroker(dsn), name)
    for number in range(first, first + count):
        await jobs.send({'id': number, 'hold': hold})
        await asyncio.sleep(0.002)


asyncio.run(main())
