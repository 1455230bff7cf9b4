'''Loads contracts by the Python library and tells what it knows then. Arguments: the file.'''
import json
import sys

from microagent import load_stuff

signals, queues = load_stuff(f'file://{sys.argv[1]}')
for signal in signals:
    types = signal.type_map and {name: [it.__name__ for it in types] for name, types in signal.type_map.items()}
    print('signal', json.dumps([signal.name, signal.providing_args, types]))
for queue in queues:
    print('queue', json.dumps([queue.name, queue.exchange, queue.topics]))
