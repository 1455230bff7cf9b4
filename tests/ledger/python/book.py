'''The ledger of one process, as `src/book.rs` has it: a line for each deed, appended in one write.'''
import argparse
import os
import time


def arguments(*names: str) -> argparse.Namespace:
    '''The options of `src/work.rs` and `src/send.rs`; those that mean nothing to this library are taken and unused.'''
    parser = argparse.ArgumentParser()
    for name in names:
        parser.add_argument(f'--{name}', nargs='?', const='yes')
    return parser.parse_args()


class Book:
    def __init__(self, path: str) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, deed: str, number: int) -> None:
        os.write(self.file, f'{deed} {number} {time.time_ns() // 1_000_000}\n'.encode())


def without_query(dsn: str) -> str:
    return dsn.partition('?')[0]
