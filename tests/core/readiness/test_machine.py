"""What a run needs of disk and memory, worked out by hand."""

from core.readiness.machine import disk_bytes, memory_bytes, of_disk, of_memory

MB = 1_000_000


def test_checkpoints_hold_the_weights_so_many_times() -> None:
    # last.pth: weights and two moments; best.pth: weights; each is written beside the one before
    assert disk_bytes(100 * MB, keeps_mean=False) == 2 * (300 + 100) * MB
    assert disk_bytes(100 * MB) == 2 * (400 + 100) * MB
    assert disk_bytes(100 * MB, optimizer="sgd", keeps_mean=False) == 2 * (200 + 100) * MB


def test_learning_holds_the_weights_so_many_times() -> None:
    # weights, gradients and two moments
    assert memory_bytes(100 * MB, keeps_mean=False) == 400 * MB
    assert memory_bytes(100 * MB) == 500 * MB
    assert memory_bytes(100 * MB, optimizer="sgd", keeps_mean=False) == 300 * MB


def test_a_disk_with_too_little_room_is_told_with_both_numbers() -> None:
    (only,) = of_disk(700 * MB, 1800 * MB)
    assert only.sentence == (
        "0.7 GB are free on the disk of the run, and its checkpoints can take 1.8 GB."
    )


def test_a_disk_with_room_or_that_does_not_say_is_no_finding() -> None:
    assert of_disk(1800 * MB, 1800 * MB) == ()
    assert of_disk(None, 1800 * MB) == ()


def test_memory_that_the_weights_alone_fill_is_told() -> None:
    (only,) = of_memory("NVIDIA T4", 300 * MB, 900 * MB)
    assert only.sentence.startswith("NVIDIA T4 has 0.3 GB of memory free")
    assert of_memory("NVIDIA T4", 900 * MB, 900 * MB) == ()
    assert of_memory("Apple's GPU", None, 900 * MB) == ()
