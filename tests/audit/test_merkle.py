"""The tree grown leaf by leaf is the tree of RFC 6962."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceward.kernel.audit import merkle


def plain_root(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, as it is written there."""
    n = len(entries)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1 << ((n - 1).bit_length() - 1)  # the largest power of two smaller than n
    return sha256(b"\x01" + plain_root(entries[:k]) + plain_root(entries[k:])).digest()


@given(blocks=st.lists(st.lists(st.binary(max_size=8), max_size=40), max_size=8))
def test_growing_by_blocks_gives_the_roots_of_rfc_6962(blocks: list[list[bytes]]) -> None:
    seen: list[bytes] = []
    packed, size = b"", 0
    for block in blocks:
        frontier = merkle.Frontier(size, packed)
        frontier.extend(merkle.leaf_hash(entry) for entry in block)
        seen += block
        packed, size = frontier.packed, frontier.size
        assert size == len(seen)
        assert frontier.root() == plain_root(seen)


def test_published_roots() -> None:
    """The test vectors of the certificate-transparency project: eight leaves and their root."""
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    leaves.append("606162636465666768696a6b6c6d6e6f")
    frontier = merkle.Frontier()
    frontier.extend(merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in leaves)
    expected = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert frontier.root().hex() == expected


def test_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="are not the frontier of 3 leaves"):
        merkle.Frontier(3, bytes(32))
