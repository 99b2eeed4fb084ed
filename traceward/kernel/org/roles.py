"""The roles of the trade; commands name those that may use them. # ORG-02"""

from typing import NamedTuple


class RoleName(NamedTuple):
    code: str
    zh: str
    en: str

    @property
    def names(self) -> dict[str, str]:
        """Both names, as the value of a sentence."""
        return {"zh": self.zh, "en": self.en}


QUALITY_HEAD = RoleName("quality_head", "质量负责人", "Quality head")
QUALITY_CONTROLLER = RoleName("quality_controller", "质管员", "Quality controller")
INSPECTOR = RoleName("receiving_inspector", "验收员", "Receiving inspector")
MAINTENANCE = RoleName("maintenance_inspector", "养护员", "Stock-maintenance inspector")
STOREKEEPER = RoleName("storekeeper", "保管员", "Storekeeper")
PICKER = RoleName("picker", "拣货员", "Picker")
CHECKER = RoleName("checker", "复核员", "Checker")
SUPERVISOR = RoleName("warehouse_supervisor", "仓库主管", "Warehouse supervisor")
BUYER = RoleName("buyer", "采购员", "Buyer")
SALES = RoleName("sales", "销售员", "Sales")
PRODUCTION = RoleName("production", "生产", "Production")
PLANNER = RoleName("planner", "计划员", "Planner")
DISPATCHER = RoleName("dispatcher", "调度员", "Dispatcher")
DRIVER = RoleName("driver", "运输员", "Driver")
COORDINATOR = RoleName("coordinator", "物流对接人", "Logistics coordinator")
COMPLIANCE = RoleName("compliance", "合规", "Compliance")
FINANCE = RoleName("finance", "财务", "Finance")
DATA_OWNER = RoleName("data_owner", "数据责任人", "Data owner")
EXECUTIVE = RoleName("executive", "管理层", "Executive")
AUDITOR = RoleName("auditor", "审计", "Auditor")
ADMINISTRATOR = RoleName("administrator", "系统管理员", "Administrator")
SYSTEM = RoleName("system", "系统", "System")

ALL: tuple[RoleName, ...] = tuple(v for v in list(globals().values()) if isinstance(v, RoleName))

#: Whoever answers by a link that we sent, without an account: what it may do, nobody is granted.
CONSIGNEE = RoleName("consignee", "收货单位（凭链接）", "Consignee (by link)")
