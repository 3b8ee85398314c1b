"""Which done images train, and which are kept to measure with."""

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core.types import Split

SHARES: Mapping[Split, float] = {Split.TRAIN: 0.8, Split.VAL: 0.2, Split.TEST: 0.0}
"""Of the done images."""
_FEWEST_OF_ONE_GROUP = 5


@dataclass(frozen=True, slots=True)
class _Group:
    keys: tuple[str, ...]
    counts: Counter[str]
    """Images that have each class; under the empty name, all images."""


def new_splits(
    groups: Sequence[tuple[str, ...]],
    class_names: Mapping[str, Collection[str]],
    splits: Mapping[str, Split],
    *,
    shares: Mapping[Split, float] = SHARES,
    seed: int = 0,
) -> dict[str, Split]:
    """A split for every image that has none; those that have one keep it.

    A group stays together: where some of it have a split, the others join the one that most of them
    have. Other groups go, those with the rarest class first, where most of that class is missing
    (iterative stratification, Sechidis et al. 2011). As soon as there are two groups, one image at
    least is kept to measure with. Where all images are one group, nothing better is possible than
    to cut it in the order of the keys.

    Args:
        groups: of all done images, with a split or without.
        class_names: the classes that each image has.
        splits: what is decided already.
        shares: of the images for each split; they add up to 1.
        seed: decides between equals.
    """
    groups = _cut_if_one(groups)
    measured = [_measured(group, class_names) for group in groups]
    chosen: dict[str, Split] = {}
    free: list[_Group] = []
    counts = {split: Counter[str]() for split in Split}
    for group in measured:
        taken = Counter(splits[key] for key in group.keys if key in splits)
        for key in group.keys:
            if key in splits:
                counts[splits[key]] += _measured((key,), class_names).counts
        if not taken:
            free.append(group)
        else:
            split = max(Split, key=lambda one: taken[one])
            joining = tuple(key for key in group.keys if key not in splits)
            chosen.update(dict.fromkeys(joining, split))
            counts[split] += _measured(joining, class_names).counts
    total = sum((group.counts for group in measured), Counter[str]())
    placed = _placed(free, total, counts, shares=shares, seed=seed)
    chosen.update((key, split) for group, split in placed for key in group.keys)
    _keep_one_back(placed, {**splits, **chosen}, chosen, shares)
    return chosen


def _cut_if_one(groups: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    if len(groups) == 1 and len(groups[0]) >= _FEWEST_OF_ONE_GROUP:
        n_front = round(len(groups[0]) * SHARES[Split.TRAIN])
        return [groups[0][:n_front], groups[0][n_front:]]
    return groups


def _measured(keys: tuple[str, ...], class_names: Mapping[str, Collection[str]]) -> _Group:
    counts = Counter(name for key in keys for name in set(class_names.get(key, ())))
    counts[""] = len(keys)
    return _Group(keys, counts)


def _placed(
    free: Sequence[_Group],
    total: Counter[str],
    counts: Mapping[Split, Counter[str]],
    *,
    shares: Mapping[Split, float],
    seed: int,
) -> list[tuple[_Group, Split]]:
    def order(group: _Group) -> tuple[int, int, float]:
        rarest = min(total[name] for name in group.counts)
        # Big groups first, while there is room for them; then by the seed and the group's own name.
        return rarest, -group.counts[""], random.Random(f"{seed} {min(group.keys)}").random()

    placed = []
    for group in sorted(free, key=order):
        names = sorted(group.counts, key=lambda name: (total[name], name))

        def missing(split: Split, names: Sequence[str] = names) -> list[float]:
            return [shares[split] * total[name] - counts[split][name] for name in names]

        open_splits = [split for split in Split if shares[split] > 0]
        split = max(open_splits, key=missing)
        counts[split].update(group.counts)
        placed.append((group, split))
    return placed


def _keep_one_back(
    placed: Sequence[tuple[_Group, Split]],
    known: Mapping[str, Split],
    chosen: dict[str, Split],
    shares: Mapping[Split, float],
) -> None:
    has_val = Split.VAL in known.values() or not shares[Split.VAL]
    others_train = [group for group, split in placed if split is Split.TRAIN]
    n_trained = sum(split is Split.TRAIN for split in known.values())
    if has_val or not others_train:
        return
    smallest = min(reversed(others_train), key=lambda group: group.counts[""])
    if n_trained > smallest.counts[""]:
        chosen.update((key, Split.VAL) for key in smallest.keys)
