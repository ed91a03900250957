import threading

import pytest

from calciumgan_tf import threads


def test_results_come_in_the_order_of_the_things():
    released = threading.Event()

    def function(thing):
        if thing == 0:  # the first ends after the second, where there are two threads
            released.wait(0.2)
        released.set()
        return thing**2

    assert list(threads.in_order(function, range(20))) == [thing**2 for thing in range(20)]
    assert list(threads.in_order(function, [])) == []


def test_few_results_are_ahead(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    begun = []
    results = threads.in_order(begun.append, range(100))
    next(results)
    assert len(begun) <= 3


def test_an_error_is_that_of_the_function():
    with pytest.raises(ZeroDivisionError):
        list(threads.in_order(lambda thing: 1 / thing, [1, 0, 2]))
