"""The class map as the window shows it: what each class of the weights becomes, in a line."""

from collections.abc import Mapping, Sequence

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
    n_used = sum(1 for to in targets.values() if to)
    classes = "class" if len(targets) == 1 else "classes"
    return f"{n_used or 'None'} of {len(targets)} {classes} {'is' if n_used == 1 else 'are'} used"


def map_text(targets: Mapping[str, str]) -> str:
    """What becomes what, in a line: "jeans ← pants, coat ← coat; 78 ignored"."""
    used = [f"{to} ← {name}" for name, to in targets.items() if to]
    n_ignored = len(targets) - len(used)
    if not used:
        return f"Nothing is mapped; {n_ignored} ignored"
    if not n_ignored and all(name == to for name, to in targets.items()):
        return f"All {len(used)} classes keep their names." if len(used) > 1 else used[0]
    more = f" and {len(used) - _MOST_SHOWN} more" if len(used) > _MOST_SHOWN else ""
    ignored = f"; {n_ignored} ignored" if n_ignored else ""
    return ", ".join(used[:_MOST_SHOWN]) + more + ignored
