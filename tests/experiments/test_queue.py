"""Which tasks may begin: those whose plan has told them and whose stage before is done."""

from repro.experiments.queue import Agenda


def plan(told, *stages):
    """A plan of these stages that appends the results it is sent to `told`."""
    for stage in stages:
        told.append((yield list(stage)))


def take(agenda):
    return agenda.waiting.popleft()


def names(agenda):
    return [turn.task for turn in agenda.waiting]


def test_a_stage_waits_for_all_of_the_one_before_and_gets_its_results_in_order():
    first, second = [], []
    agenda = Agenda([plan(first, "ab", "c"), plan(second, "x")])
    assert names(agenda) == ["a", "b", "x"] and agenda.known == 3
    a, b = take(agenda), take(agenda)
    agenda.done(b, 2)
    assert names(agenda) == ["x"] and first == []
    agenda.done(a, 1)
    assert first == [[1, 2]]
    assert names(agenda) == ["c", "x"] and agenda.known == 4  # before what waits


def test_a_failed_task_ends_its_own_plan_only():
    first, second = [], []
    agenda = Agenda([plan(first, "ab", "c"), plan(second, "x", "y")])
    a, b, x = take(agenda), take(agenda), take(agenda)
    agenda.failed(a)
    agenda.done(b, 2)
    agenda.done(x, 3)
    assert names(agenda) == ["y"] and agenda.known == 4 and agenda.ended == 3
    assert first == [] and second == [[3]]


def test_no_plans_and_empty_plans_ask_for_nothing():
    agenda = Agenda([plan([]), plan([], "")])
    assert not agenda.waiting and agenda.known == 0
