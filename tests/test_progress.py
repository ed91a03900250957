import logging

from calciumgan_tf import progress
from calciumgan_tf.progress import Progress


class Clock:
    """Stands for the time module: it shows what it was set to."""

    now = 0.0

    def monotonic(self):
        return self.now


def lines(monkeypatch, caplog, seconds, **options):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    caplog.set_level(logging.INFO)
    with Progress("train", 100, **options) as shown:
        for clock.now in seconds:
            shown.advance(10)
            shown.report(loss=1.5)
    return caplog.messages


def test_rate_and_time_left(monkeypatch, caplog):
    assert lines(monkeypatch, caplog, [5.0, 7.0]) == [
        "train 10/100  loss 1.5  2 steps/s  left 0:00:45",
        "train 20/100  loss 1.5  5 steps/s  left 0:00:16",
    ]


def test_deadline_shortens_the_time_left(monkeypatch, caplog):
    assert lines(monkeypatch, caplog, [5.0], deadline=25.0)[0].endswith("left 0:00:20")


def test_quiet_seconds_hold_lines_back_but_not_the_last(monkeypatch, caplog):
    messages = lines(monkeypatch, caplog, range(1, 11), quiet_seconds=100)
    assert len(messages) == 1 and messages[0].startswith("train 100/100")


def test_without_a_total_only_the_deadline_counts(monkeypatch, caplog):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    caplog.set_level(logging.INFO)
    with Progress("train", None, deadline=60.0) as shown:
        clock.now = 20.0
        shown.advance(10)
        shown.report()
    assert caplog.messages == ["train 10    0.5 steps/s  left 0:00:40"]
