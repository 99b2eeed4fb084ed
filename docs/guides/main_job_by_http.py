"""The main job over HTTP only: from an empty company to a recall, with nothing but an API key.

    ./dev run key integrator --administrator      prints the key of a first account
    ./dev run serve                               and, in another terminal, ./dev run worker
    TRACEWARD_URL=http://127.0.0.1:8000 TRACEWARD_KEY=twk_… python docs/guides/main_job_by_http.py

It needs httpx and nothing of ours; every address and argument stands in /api/v1/docs. Everything
in it is invented; run it on a database that you can throw away.
"""

import os
import time
import uuid

import httpx

BASE = os.environ["TRACEWARD_URL"].rstrip("/") + "/api/v1"
#: Another run, another company: codes are taken once.
RUN = os.environ.get("TRACEWARD_RUN", uuid.uuid4().hex[:4].upper())


class Account:
    """A program's account: it sends commands and reads, with its own key."""

    def __init__(self, key: str) -> None:
        self.http = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=60)

    def do(self, verb: str, *, sign: tuple[str, str] | None = None, **arguments):
        """The command's answer. The key makes it safe to send again; a refusal ends the script."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if sign:
            headers["Signature-Login"], headers["Signature-Password"] = sign
        answer = self.http.post(f"{BASE}/commands/{verb}", json=arguments, headers=headers)
        told = answer.json()
        if answer.status_code != 200:
            raise SystemExit(f"{verb}: {answer.status_code} {told['title']} {told['details']}")
        return told["answer"]

    def refused(self, verb: str, status: int, **arguments) -> str:
        """What the API says to something that must not be."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answer = self.http.post(f"{BASE}/commands/{verb}", json=arguments, headers=headers)
        assert answer.status_code == status, (verb, answer.status_code, answer.text)
        return answer.json()["title"]

    def read(self, path: str, **asked):
        answer = self.http.get(f"{BASE}/{path}", params=asked)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def rows(self, path: str, **asked) -> list[dict]:
        """All rows, page by page."""
        found, cursor = [], None
        while True:
            page = self.read(path, **asked, **({"cursor": cursor} if cursor else {}))
            found += page["rows"]
            cursor = page["next_cursor"]
            if not cursor:
                return found


admin = Account(os.environ["TRACEWARD_KEY"])


def step(text: str) -> None:
    print("·", text, flush=True)


# 1. Who we are: our firm, its site, an account for each part of the work ------------------------

step("公司、场所、账户 / firm, site, accounts")


def party(zh: str, en: str, address: str) -> int:
    """A firm, with where it is reached: every record of purchase and sale keeps that."""
    values = {"name_zh": zh, "name_en": f"{en} {RUN}", "address": address}
    return admin.do("org.register_party", **values, phone="021-0000-0000")["id"]


us = party("沪安医疗器械", "Huan Medical", "云台路 1 号")
maker = party("北辰医疗科技", "Beichen", "北辰路 2 号")
hospital = party("江城第一医院", "Jiangcheng", "江城路 3 号")
entity = admin.do("org.register_legal_entity", code=f"HA{RUN}", party_id=us)["id"]
site = admin.do(
    "org.open_site",
    code=f"SH{RUN}",
    legal_entity_id=entity,
    kind="distribution",
    name_zh="上海配送中心",
    name_en="Shanghai distribution centre",
)["id"]


def account(name: str, *roles: str, whole_group: bool = False) -> Account:
    """An account of its own, its roles at the site, and a key."""
    person = admin.do("org.register_person", login=f"{name}-{RUN}", name_en=name)["id"]
    for role in roles:
        where = {} if whole_group else {"site_id": site}
        admin.do("org.grant_role", person_id=person, role=role, **where)
    return Account(admin.do("org.issue_key", person_id=person, label=name)["key"])


def signer(login: str, name: str, role: str) -> tuple[str, str]:
    """Somebody who signs with a password of their own."""
    password = uuid.uuid4().hex
    person = admin.do("org.register_person", login=f"{login}-{RUN}", name_zh=name)["id"]
    admin.do("org.grant_role", person_id=person, role=role)
    admin.do("org.set_password", person_id=person, password=password)
    return f"{login}-{RUN}", password


erp = account("erp", "buyer", "sales", "data_owner", "compliance", whole_group=True)
qms = account("qms", "quality_head", "receiving_inspector", "compliance", whole_group=True)
wms = account("wms", "storekeeper", "warehouse_supervisor", "dispatcher")
picker = account("picking", "picker")
checker = account("checking", "checker")
tms = account("tms", "driver", "coordinator")
chen = signer("chen.jing", "陈静", "quality_head")
he = signer("he.tao", "何涛", "driver")

# 2. Whom we trade with, their papers, places, items --------------------------------------------

step("伙伴、证照、库位、物料 / partners, papers, places, items")
supplier = erp.do(
    "partners.register", party_id=maker, code=f"BC{RUN}", is_supplier=True, is_maker=True
)
customer = erp.do(
    "partners.register",
    party_id=hospital,
    code=f"JC{RUN}",
    is_customer=True,
    customer_class="hospital",
)
papers = (
    (us, "distribution", {}),
    (maker, "production", {}),
    (maker, "agreement", {}),
    (maker, "authorisation", {"territory": "全国", "salesperson": "方晓 999999199001010000"}),
    (hospital, "institution", {}),
)
for holder, kind, more in papers:
    erp.do(
        "partners.add_licence",
        party_id=holder,
        kind=kind,
        number=f"沪药监械{RUN}{holder}",
        classes=[1, 2, 3],
        valid_from="2022-01-01",
        valid_until="2031-12-31",
        **more,
    )
for partner in (supplier, customer):
    qms.do("partners.qualify", partner_id=partner["id"], reason="首营企业审核通过", sign=chen)


def place(code: str, kind: str, **values) -> int:
    return wms.do("places.open_place", site_id=site, code=f"{code}-{RUN}", kind=kind, **values)[
        "id"
    ]


place("SUP", "supplier", party_id=maker)
dock = place("DOCK", "dock", zone="pending")
shelf = place(
    "A-01", "bin", zone="qualified", temperature_c_min=10, temperature_c_max=30, pick_rank=1
)
cold = place("C-01", "bin", zone="qualified", temperature_c_min=2, temperature_c_max=8, pick_rank=2)
staging = place("STAGE", "staging", zone="dispatch")
theatre = place("OR", "department", party_id=hospital)
place("USED", "used")

product = erp.do(
    "catalog.register_product",
    registration_number=f"国械注准2022313{int(RUN, 16) % 10_000:04}",
    registrant_id=maker,
    device_class=3,
    category="13-07-01",
    valid_from="2022-01-01",
    valid_until="2031-12-31",
    name_zh="冠状动脉药物洗脱支架",
    name_en="Drug-eluting coronary stent",
)["id"]
qms.do("catalog.qualify_product", product_id=product, reason="首营品种审核通过", sign=chen)
stent = erp.do(
    "catalog.register_item",
    code=f"ST-{RUN}",
    maker_id=maker,
    product_id=product,
    name_zh="冠状动脉药物洗脱支架",
    name_en="Drug-eluting coronary stent",
    model="3.0 × 18 mm",
    is_implantable=True,
)["id"]


def gtin(level: int) -> str:
    """A GTIN under GS1's prefix for demonstrations, with its check digit."""
    digits = f"{level}952{int(RUN, 16) % 10**9:09}"
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(digits))
    return f"{digits}{-total % 10}"


UNIT, CASE = gtin(0), gtin(1)
erp.do("catalog.add_packaging_level", item_id=stent, level=0, di=UNIT)
erp.do("catalog.add_packaging_level", item_id=stent, level=1, di=CASE, units_of_level_below=5)
erp.do("rules.set_parameter", key="warehousing.gs1_company_prefix", value="9521000")

# 3. Supplier notice, receipt, acceptance, release, putaway --------------------------------------

step("采购、发货通知、收货 / order, notice, receipt")
LOT = f"L26{RUN}"
label = f"]d201{CASE}17280630" + f"10{LOT}"
order = erp.do(
    "purchasing.order",
    site_id=site,
    supplier_id=maker,
    lines=[{"item_id": stent, "quantity": 20, "unit_price": "4200.00"}],
    quality_terms="按质量保证协议",
    after_sales_terms="按合同约定",
)
wms.do("purchasing.approve", order_id=order["order_id"])
notice = erp.do(
    "purchasing.notify",
    order_id=order["order_id"],
    reference=f"ASN-{RUN}",
    lines=[{"codes": [label], "packs": 4}],
)
print(
    " ",
    wms.refused(
        "inbound.receive_notice",
        409,
        notice_id=notice["notice_id"],
        place_id=dock,
        delivery_note=f"BC-{RUN}",
        scans=[{"codes": [label], "packs": 5}],
    ),
)
received = wms.do(
    "inbound.receive_notice",
    notice_id=notice["notice_id"],
    place_id=dock,
    delivery_note=f"BC-{RUN}",
    scans=[{"codes": [label], "packs": 4}],
    journey={"transport_mode": "厢式货车", "deliverer": "老周"},
)

step("验收、放行（电子签名）、上架 / inspection, signed release, putaway")
inspections: list[dict] = []
for _ in range(300):  # the worker opens them once it hears of the receipt
    inspections = qms.rows("quality/inspections", source_id=received["receipt_id"])
    if inspections:
        break
    time.sleep(0.2)
assert inspections, "no inspection: does the worker run?"
for check in ("packaging", "label", "certificate"):
    qms.do(
        "quality.record_result",
        inspection_id=inspections[0]["id"],
        check_name=check,
        is_passed=True,
        sample_quantity=2,
    )
qms.do(
    "quality.decide",
    inspection_id=inspections[0]["id"],
    shares=[{"place_id": dock, "accepted": 20, "rejected": 0}],
    conclusion="符合要求",
    sign=chen,
)
(line,) = wms.rows("warehousing/receipt_lines", receipt_id=received["receipt_id"])
wms.do(
    "warehousing.put_away",
    receipt_id=received["receipt_id"],
    lines=[{"receipt_line_id": line["id"], "quantity": 20, "to_place_id": shelf}],
)

# 4. Order, allocation, pick, check, pack, ship --------------------------------------------------

step("医院订单、配货、拣货、复核、装箱、发运 / order to shipment")
sale = erp.do(
    "sales.order",
    site_id=site,
    customer_id=hospital,
    deliver_to_id=theatre,
    lines=[{"item_id": stent, "quantity": 3, "unit_price": "5600.00"}],
    customer_reference=f"JC-{RUN}",
    delivery_address="江城市中山路 1 号",
    contact="手术室 李护士长 0270000000",
)
promised = erp.do("outbound.allocate", order_id=sale["order_id"])
assert sum(line["shortage"] for line in promised["lines"]) == 0, promised
pick = wms.do("outbound.start_pick", order_id=sale["order_id"], staging_id=staging)["pick_id"]
unit = f"]d201{UNIT}10{LOT}"
wrong = f"]d201{UNIT}10OTHER"
print(
    " ",
    picker.refused(
        "warehousing.pick",
        422,
        pick_id=pick,
        scans=[{"codes": [wrong], "place_code": f"A-01-{RUN}", "packs": 3}],
    ),
)
picker.do(
    "warehousing.pick",
    pick_id=pick,
    scans=[{"codes": [unit], "place_code": f"A-01-{RUN}", "packs": 3}],
)
checker.do(
    "warehousing.check",
    pick_id=pick,
    scans=[{"codes": [unit], "packs": 3}],
    is_package_intact=True,
    is_label_right=True,
)
packed = picker.do("warehousing.pack", pick_id=pick)
shipment = wms.do(
    "warehousing.ship",
    pick_id=pick,
    transport={"mode": "第三方运输", "carrier_name": "快轮物流", "waybill": f"WB-{RUN}"},
)["shipment_id"]

step("随货同行单 PDF / delivery note as PDF")
wms.do("warehousing.print_delivery_note", shipment_id=shipment)
(note,) = wms.rows("documents/files", document_id=shipment, role="delivery note")
pdf = wms.http.get(f"{BASE}/documents/files/{note['id']}/content")
assert pdf.headers["Content-Type"] == "application/pdf"
assert pdf.content.startswith(b"%PDF-")

# 5. Delivery with signature, use on a patient ---------------------------------------------------

step("签收、临床使用 / signed for, used")
tms.do("sales.sign_for", shipment_id=shipment, receiver="李护士长", sign=he)
used = tms.do(
    "sales.use",
    place_id=theatre,
    items=[{"codes": [unit], "quantity": 1, "patient": "ZY-2026-004711"}],
)
read_by = {"usage_line_id": used["line_ids"][0], "reason": "随访"}
assert qms.do("sales.read_patient", **read_by)["patient"] == "ZY-2026-004711"

# 6. Any identifier and its story; what stood before; a recall -----------------------------------

step("追溯、过去的库存、召回 / its story, the past, a recall")
(lot,) = qms.rows("stock/lots", raw_number=LOT)
moves = qms.rows("stock/moves", lot_id=lot["id"], sort="id", limit=5)
assert sum(m["quantity"] for m in moves if m["to_place_code"] == f"USED-{RUN}") == 1
stands = qms.read("stock/ask/on_hand", lots=lot["id"])["answer"]
assert sum(s["on_hand"] for s in stands if s["place_kind"] != "supplier") == 20
before = qms.read("stock/ask/in_past", happened=moves[0]["happened_at"], lots=lot["id"])["answer"]
assert {s["place_id"]: s["on_hand"] for s in before if s["on_hand"] > 0} == {dock: 20}

case = qms.do(
    "recalls.open",
    site_id=site,
    level=1,
    reason="输送系统漏率超标",
    targets=[{"lot_id": lot["id"]}],
)["case_id"]
qms.do("recalls.notify", case_id=case)
qms.do("recalls.acknowledge", case_id=case, consignee_id=hospital, found=3, answer="已隔离")
(told,) = qms.rows("recalls/notices", case_id=case)
(answered,) = qms.rows("recalls/answers", notice_id=told["id"])
assert (told["quantity"], answered["found"]) == (3, 3)
again = erp.do(
    "sales.order",
    site_id=site,
    customer_id=hospital,
    deliver_to_id=theatre,
    lines=[{"item_id": stent, "quantity": 1}],
)
nothing = erp.do("outbound.allocate", order_id=again["order_id"])
assert nothing["lines"][0]["shortage"] == 1, "a recalled lot was promised"
step(f"完成 / done: {LOT}, {packed['sscc']}, {note['file_name']}")
