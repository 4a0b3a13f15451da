"""Which tasks may begin: those whose plan has told them and whose stage before is done."""

from repro.experiments.queue import Queue


def plan(told, *stages):
    """A plan of these stages that appends the results it is sent to `told`."""
    for stage in stages:
        told.append((yield list(stage)))


def take(queue):
    return queue.waiting.popleft()


def names(queue):
    return [turn.task for turn in queue.waiting]


def test_a_stage_waits_for_all_of_the_one_before_and_gets_its_results_in_order():
    first, second = [], []
    queue = Queue([plan(first, "ab", "c"), plan(second, "x")])
    assert names(queue) == ["a", "b", "x"] and queue.known == 3
    a, b = take(queue), take(queue)
    queue.done(b, 2)
    assert names(queue) == ["x"] and first == []
    queue.done(a, 1)
    assert first == [[1, 2]]
    assert names(queue) == ["c", "x"] and queue.known == 4  # before what waits


def test_a_failed_task_ends_its_own_plan_only():
    first, second = [], []
    queue = Queue([plan(first, "ab", "c"), plan(second, "x", "y")])
    a, b, x = take(queue), take(queue), take(queue)
    queue.failed(a)
    queue.done(b, 2)
    queue.done(x, 3)
    assert names(queue) == ["y"] and queue.known == 4 and queue.ended == 3
    assert first == [] and second == [[3]]


def test_no_plans_and_empty_plans_ask_for_nothing():
    queue = Queue([plan([]), plan([], "")])
    assert not queue.waiting and queue.known == 0
