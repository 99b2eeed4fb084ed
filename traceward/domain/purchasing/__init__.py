"""Purchasing: what we order 采购订单 and what the supplier says is coming 发货通知.

An order is approved by somebody other than who wrote it. A shipping notice is a supplier's file
of raw GS1 codes against an approved order; what it announces is what the warehouse may receive.
Prices are Decimal in the order's currency; quantities are base units of the item.
"""
