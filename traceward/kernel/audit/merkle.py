"""The Merkle tree of RFC 6962 (§2.1), grown leaf by leaf without keeping the leaves."""

from collections.abc import Iterable
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of a log's perfect subtrees, largest first: all that is needed to go on.

    A log of 13 leaves has subtrees of 8, 4 and 1: as many as there are ones in its size.
    """

    def __init__(self, size: int = 0, packed: bytes = b"") -> None:
        if len(packed) != 32 * size.bit_count():
            raise ValueError(f"{len(packed)} bytes are not the frontier of {size} leaves")
        self.size = size
        self.peaks = [packed[i : i + 32] for i in range(0, len(packed), 32)]

    @property
    def packed(self) -> bytes:
        return b"".join(self.peaks)

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """The leaves stand at the end of the log; each merges with the subtrees it completes."""
        size, peaks = self.size, self.peaks
        for node in leaf_hashes:
            size += 1
            completed = size
            while not completed & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                completed >>= 1
            peaks.append(node)
        self.size = size

    def root(self) -> bytes:
        """The root over all leaves: the subtrees folded from the right."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root
