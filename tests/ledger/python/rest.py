'''Prints how many messages the queue still has.'''
import asyncio

from microagent import Queue
from microagent.tools.redis import RedisBroker

from book import arguments, without_query

Queue(name='jobs')


async def length() -> int:
    return await RedisBroker(without_query(arguments('dsn').dsn)).jobs.length()


print(asyncio.run(length()))
