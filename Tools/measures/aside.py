"""What is done beside a measurement, on a thread of its own."""

import concurrent.futures
import threading
import time

from measures.judging import Invalid


def looked_at_during(task, look):
    """What `look` returned, called every ten milliseconds while `task` was done on a thread of its own; what that raises, this
    raises."""
    seen = []
    with concurrent.futures.ThreadPoolExecutor(1) as aside:
        pending = aside.submit(task)
        while not pending.done():
            seen.append(look())
            time.sleep(0.01)
        pending.result()
    return seen


def again_and_again(task, body):
    """What `body` returns while `task` is done, one time after the other, on a thread of its own; and how often it was done.
    What `task` raises, this raises; Invalid if it was not done once."""
    is_over, count = threading.Event(), 0

    def repeat():
        nonlocal count
        while not is_over.is_set():
            task()
            count += 1

    with concurrent.futures.ThreadPoolExecutor(1) as aside:
        pending = aside.submit(repeat)
        try:
            value = body()
        finally:
            is_over.set()
        pending.result()
    if not count:
        raise Invalid("nothing was done beside it")
    return value, count
