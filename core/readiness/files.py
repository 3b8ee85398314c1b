"""What is wrong with image files and label files as such."""

from collections.abc import Sequence

from core.labelfile import is_another_scale
from core.readiness.finding import Finding, warning
from core.readiness.fixes import LabelFix, Rescale, Turn
from core.readiness.looked import Looked
from core.wording import counted, listed


def of_trouble(images: Sequence[Looked]) -> tuple[Finding, ...]:
    """Images that cannot be decoded, or whose labels cannot be read."""
    bad = [one for one in images if one.trouble]
    if not bad:
        return ()
    n, is_ = counted(len(bad), "image"), "is" if len(bad) == 1 else "are"
    return (
        warning(
            f"{n} that {is_} done cannot be read and {is_} left out:"
            f" {listed([one.key for one in bad])}.",
            bad[0].trouble,
            keys=tuple(one.key for one in bad),
        ),
    )


def of_turned(images: Sequence[Looked]) -> tuple[Finding, ...]:
    """Width and height swapped: the orientation in the photo's EXIF was overlooked."""
    turned = [one for one in images if one.made_at_hw == one.size_hw[::-1]]
    if not turned:
        return ()
    sure = {one.key: one.turn for one in turned if one.turn != 1}
    n = counted(len(turned), "image")
    is_, its = ("is", "its") if len(turned) == 1 else ("are", "their")
    return (
        warning(
            f"{n} {is_} turned against {its} labels: width and height are swapped, as tools do that"
            " overlook the orientation in a photo's EXIF.",
            "Look whether the labels sit where they should. Those that lie partly outside can be"
            " turned as EXIF says; else take another export, or label these anew.",
            keys=tuple(one.key for one in turned),
            fix=LabelFix("Turn the labels", tuple(sure), Turn(sure)) if sure else None,
        ),
    )


def of_sizes(images: Sequence[Looked]) -> tuple[Finding, ...]:
    """Images of another size than their label files say, but for those that are turned."""
    odd = [one for one in images if one.made_at_hw and one.made_at_hw != one.size_hw[::-1]]
    scaled = {
        one.key: one.made_at_hw
        for one in odd
        if one.made_at_hw and is_another_scale(one.made_at_hw, one.size_hw)
    }
    others = [one for one in odd if one.key not in scaled]
    found = []
    if scaled:
        n, is_ = counted(len(scaled), "image"), "is" if len(scaled) == 1 else "are"
        found.append(
            warning(
                f"{n} {is_} of another size than when labelled: the same picture, larger or"
                " smaller.",
                "Rescale the labels if they sit wrong.",
                keys=tuple(scaled),
                fix=LabelFix("Rescale the labels", tuple(scaled), Rescale(scaled)),
            )
        )
    if others:
        n, is_ = counted(len(others), "image"), "is" if len(others) == 1 else "are"
        found.append(
            warning(
                f"{n} {is_} of another size and shape than {'its' if is_ == 'is' else 'their'}"
                f" labels say: {listed([one.key for one in others])}.",
                "Look whether it is the picture that was labelled; if not, put that one back.",
                keys=tuple(one.key for one in others),
            )
        )
    return tuple(found)


def of_broken(images: Sequence[Looked]) -> tuple[Finding, ...]:
    """Shapes of label files that should be regions and cannot be."""
    bad = [one for one in images if one.n_broken]
    if not bad:
        return ()
    n = sum(one.n_broken for one in bad)
    are = "is no region and teaches" if n == 1 else "are no regions and teach"
    return (
        warning(
            f"{counted(n, 'shape')} in {counted(len(bad), 'label file')} {are} nothing: fewer than"
            " three points, or numbers that are none.",
            "Label what they meant, or delete them with the tool that made them.",
            keys=tuple(one.key for one in bad),
        ),
    )
