"""The class map as the window shows it: what each class of the weights becomes, in a line."""

from collections.abc import Mapping, Sequence

from gui.texts import tr

_MOST_SHOWN = 3


def targets_of(
    weights_names: Sequence[str], class_names: Sequence[str], kept: Mapping[str, str]
) -> dict[str, str]:
    """For each class of the weights the class of the project, or empty where it is ignored.

    Args:
        weights_names: the classes of the weights.
        class_names: the classes of the project.
        kept: what the project keeps; equal names need no entry there.
    """
    known = set(class_names)
    wished = {name: kept.get(name, name) for name in weights_names}
    return {name: to if to in known else "" for name, to in wished.items()}


def entries_of(targets: Mapping[str, str], class_names: Sequence[str]) -> dict[str, str]:
    """What has to be kept of targets: what does not follow from equal names."""
    known = set(class_names)
    return {name: to for name, to in targets.items() if to != (name if name in known else "")}


def used_text(targets: Mapping[str, str]) -> str:
    """How many classes of the weights are used: "3 of 80 classes are used"."""
    n_used, total = sum(1 for to in targets.values() if to), len(targets)
    if total == 1:
        return tr("1 of 1 class is used") if n_used else tr("None of 1 class is used")
    if not n_used:
        return tr("None of %n classes are used", "", total)
    if n_used == 1:
        return tr("1 of %n classes is used", "", total)
    return tr("{used} of %n classes are used", "", total).format(used=n_used)


def map_text(targets: Mapping[str, str]) -> str:
    """What becomes what, in a line: "jeans ← pants, coat ← coat; 78 ignored"."""
    used = [f"{to} ← {name}" for name, to in targets.items() if to]
    n_ignored = len(targets) - len(used)
    if not used:
        return tr("Nothing is mapped; %n ignored", "", n_ignored)
    if not n_ignored and all(name == to for name, to in targets.items()):
        return tr("All %n classes keep their names.", "", len(used)) if len(used) > 1 else used[0]
    text = ", ".join(used[:_MOST_SHOWN])
    if (n_more := len(used) - _MOST_SHOWN) > 0:
        text = tr("{mapped} and %n more", "", n_more).format(mapped=text)
    if n_ignored:
        text = tr("{mapped}; %n ignored", "", n_ignored).format(mapped=text)
    return text
