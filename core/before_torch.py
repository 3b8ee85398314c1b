"""What torch reads from the environment when it is loaded, so that it has to be said before."""

from collections.abc import MutableMapping


def say_to_torch(environment: MutableMapping[str, str]) -> None:
    """Chooses for this process and its children what the user did not choose."""
    # Threads of OpenMP that wait by spinning are several times slower where the cores are shared.
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Large tensors lie in pages of 2 MB on Linux: at 4 kB each, a page costs as much as its use.
    environment.setdefault("THP_MEM_ALLOC_ENABLE", "1")
