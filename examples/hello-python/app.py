"""Adds up an order: lines with a price and a quantity, less the discount of its size.

Event: {"lines": [{"item": "pen", "price": "1.20", "quantity": 10}]}
"""

import json
import logging
from decimal import ROUND_HALF_UP, Decimal

logger = logging.getLogger()
logger.setLevel(logging.INFO)

CENT = Decimal("0.01")
# From this total on, this part is taken off; the largest that applies counts.
DISCOUNTS = [(Decimal(500), Decimal("0.10")), (Decimal(100), Decimal("0.05"))]


def handler(event, context):
    lines = event.get("lines", [])
    if not lines:
        raise ValueError("an order has at least one line")
    total = sum((Decimal(line["price"]) * line["quantity"] for line in lines), Decimal(0))
    rate = next((rate for least, rate in DISCOUNTS if total >= least), Decimal(0))
    discount = (total * rate).quantize(CENT, ROUND_HALF_UP)
    logger.info(json.dumps({"event": "order", "lines": len(lines), "requestId": context.aws_request_id}))
    return {"total": str(total), "discount": str(discount), "due": str(total - discount)}
