'''Says signals and asks by the library, as `python`. Arguments: DSN, prefix, contract, a list of steps in JSON.

A step is `["send", signal, arguments]`; `["call", signal, arguments, seconds]`, which tells the first answer; or
`["waiter", signal, arguments, seconds]`, which tells all.
'''
import asyncio
import json
import logging
import sys

import attached
from microagent import configure

dsn, prefix, contract, steps = sys.argv[1:]
configure(f'file://{contract}')

# It warns of what the tests say on purpose.
logging.disable()


def tell(answer: dict) -> None:
    print('answer', json.dumps(answer), flush=True)


async def take(signal, how: str, arguments: dict, *seconds: float) -> None:
    if how == 'send':
        await signal.send('python', **arguments)
    elif how == 'call':
        tell(await signal.call('python', timeout=seconds[0], **arguments))
    else:
        async with signal.waiter('python', timeout=seconds[0], **arguments) as answers:
            async for answer in answers:
                tell(answer)


async def main() -> None:
    bus = attached.connect(dsn, prefix)
    await attached.attached(bus, 1)
    for how, name, *rest in json.loads(steps):
        # The library cancels the task that asked when the time is over, also where it was answered long before.
        await asyncio.create_task(take(getattr(bus, name), how, *rest))


asyncio.run(main())
