"""What a person can choose weights from."""

from core.maskrcnn.zoo import ZOO
from gui.widgets.weights_field import ZOO as OFFERED


def test_every_entry_of_the_zoo_is_offered() -> None:
    assert set(OFFERED) == set(ZOO)
