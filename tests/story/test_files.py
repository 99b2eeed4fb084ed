"""The story's files are read whole or refused: which line, which column, what to do. # UX-02"""

from decimal import Decimal
from pathlib import Path

import pytest

from traceward.cli.story import files
from traceward.kernel.base.refusals import InvalidInput

NOTICE = "delivery_note,scan,packs\n"
ORDER = "customer_reference,gtin,quantity,unit_price\n"


def test_a_file_from_excel_is_read(tmp_path: Path) -> None:
    """With a mark at its beginning, other line ends, quotes, and an empty line between."""
    path = tmp_path / "order.csv"
    path.write_bytes(f'\ufeff{ORDER}H-1,1,2,"6800.00"\r\n\r\nH-1,2,3,5\r\n'.encode())
    order = files.read_order(path)
    assert order.customer_reference == "H-1"
    assert [(x.gtin, x.quantity, x.unit_price) for x in order.lines] == [
        ("1", 2, Decimal(6800)),
        ("2", 3, Decimal(5)),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{ORDER}H-1,1,2,6,800.00\n", "line 2: there are more or fewer fields"),
        (f"{ORDER}H-1,1,2,5\n\nH-1,1,2\n", "line 4: there are more or fewer fields"),
        (f"{ORDER}H-1,1,2,5\nH-2,1,2,5\n", "line 3: customer_reference is “H-2”, but “H-1” before"),
        (f"{ORDER} ,1,2,5\n", "line 2: customer_reference is empty"),
        (f"{ORDER}H-1,1,-2,5\n", "line 2: “-2” in quantity is no whole number"),
        (f"{ORDER}H-1,1,999999999,5\n", "line 2: “999999999” in quantity"),
        (f"{ORDER}H-1,1,2,cheap\n", "line 2: “cheap” is no price in unit_price"),
        (f"{ORDER}H-1,1,2,-5\n", "line 2: “-5” is no price"),
        (f"{ORDER}H-1,1,2,NaN\n", "line 2: “NaN” is no price"),
        ("customer_reference;gtin\nH-1;1\n", "lacks the columns customer_reference, gtin"),
        ("customer_reference,gtin,quantity\nH-1,1,2\n", "lacks the columns unit_price"),
        ("", "lacks the columns"),
        (ORDER, "has no line below its header"),
    ],
)
def test_what_is_wrong_in_an_order_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "order.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as error:
        files.read_order(path)
    assert said in str(error.value)


def test_a_notice_is_one_delivery(tmp_path: Path) -> None:
    path = tmp_path / "notice.csv"
    path.write_text(f"{NOTICE}D-1,a,1\nD-2,b,1\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="line 3: delivery_note is “D-2”, but “D-1” before"):
        files.read_notice(path)


@pytest.mark.parametrize("data", [ORDER.encode() + "订单".encode("gbk"), b"\xff\xfe\x00o\x00r"])
def test_another_encoding_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "order.csv"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match="CSV UTF-8"):
        files.read_order(path)


def test_no_file_and_a_file_too_large(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        files.read_order(tmp_path / "none.csv")
    path = tmp_path / "large.csv"
    path.write_text(ORDER + "x" * files.MAX_BYTES, encoding="utf-8")
    with pytest.raises(InvalidInput, match="at most 2000000 are read"):
        files.read_order(path)
