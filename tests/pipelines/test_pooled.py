import time

import pytest

from pipelines.pooled import Pooled


class Slow(Pooled[int, int]):
    """Each number, after a while; 0 is an error."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.done: list[int] = []

    def work(self, element: int) -> list[int]:
        if element == 0:
            raise ValueError("zero")
        time.sleep(0.05 / element)
        self.done.append(element)
        return [element]


def everything(stage: Slow, elements: list[int]) -> list[int]:
    stage.setup()
    found = [result for element in elements for result in stage.process(element)]
    return found + [windowed.value for windowed in stage.finish_bundle()]


def test_results_come_in_the_order_of_the_elements() -> None:
    assert everything(Slow(3), [1, 5, 2, 4, 3]) == [1, 5, 2, 4, 3]


@pytest.mark.parametrize("elements", [[0, 1, 2], [0, 1, 2, 3, 4]])
def test_once_an_error_is_out_no_thread_is_at_work(elements: list[int]) -> None:
    stage = Slow(2)
    with pytest.raises(ValueError, match="zero"):
        everything(stage, elements)
    done = list(stage.done)
    time.sleep(0.1)
    assert stage.done == done
