'''The library's bus, and when it hears.'''
import asyncio
import os

from microagent.tools.redis import RedisSignalBus


def connect(dsn: str, prefix: str) -> RedisSignalBus:
    '''A bus whose connections bear a name of their own.'''
    return RedisSignalBus(f'{dsn}?client_name={prefix}.{os.getpid()}', prefix=prefix)


async def attached(bus: RedisSignalBus, count: int) -> None:
    '''The library binds in the background. Waits until the server knows so many subscriptions of this process.'''
    async with bus.new_connection() as connection:
        while True:
            own = await connection.client_getname()
            clients = await connection.client_list()
            if sum(it['name'] == own and it['psub'] == '1' for it in clients) >= count:
                return
            await asyncio.sleep(0.02)
