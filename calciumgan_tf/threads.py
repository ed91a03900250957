"""Work on several threads, for functions whose time is spent in NumPy and SciPy."""

import collections
import concurrent.futures
import os


def in_order(function, things):
    """Yields function(thing) for each thing, in the order of the things, computed by a thread on each core.

    Only few results are ahead of what has been taken, so that many large ones are never held at once. The results are
    those of a loop, whatever the number of threads.
    """
    threads = os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        waiting = collections.deque()
        for thing in things:
            waiting.append(pool.submit(function, thing))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
