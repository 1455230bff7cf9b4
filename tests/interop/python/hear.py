'''Hears all signals of a contract and answers questions, as an agent of the library. Arguments: DSN, prefix, contract.'''
import asyncio
import json
import logging
import sys

import attached
from microagent import MicroAgent, Signal, configure, receiver

dsn, prefix, contract = sys.argv[1:]
configure(f'file://{contract}')
asked = Signal.comments_count


class Warned(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print('warned', json.dumps(record.getMessage()), flush=True)


class CommentAgent(MicroAgent):
    @receiver(*Signal.get_all().values())
    async def hear(self, signal: Signal, sender: str, **kwargs) -> None:
        print(signal.name, json.dumps([sender, kwargs], sort_keys=True), flush=True)

    @receiver(asked)
    async def same(self, user_id=None, **kwargs):
        if user_id == 'fail':
            raise ValueError('it was asked to')
        return user_id

    @receiver(asked)
    async def twice(self, user_id=None, **kwargs):
        return user_id * 2 if type(user_id) is int else None

    @receiver(asked, timeout=0.2)
    async def late(self, user_id=None, **kwargs):
        if user_id == 'hang':
            await asyncio.sleep(60)


async def main() -> None:
    logging.getLogger('microagent').addHandler(Warned())
    bus = attached.connect(dsn, prefix)
    agent = CommentAgent(bus=bus)
    await agent.start()
    # And one for answers.
    await attached.attached(bus, len(bus.receivers) + 1)
    print('ready', 0, flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
