"""What rules mean to pySigma: it reads them, applies modifiers and conditions; here its conditions are held against records.

stdin: {"rules": [text, ...], "records": [{field: value}, ...]}; stdout: {"holds": [[rule, record], ...], "refused": {rule: reason}}.
Needs `pip install pysigma`. Comparing single values is written out here, after sigma-specification 2.1.
"""

import datetime
import ipaddress
import json
import re
import sys

from sigma.collection import SigmaCollection
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

FLAGS = {"IGNORECASE": re.I, "MULTILINE": re.M, "DOTALL": re.S}
COMPARISONS = {
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}


class Unsupported(Exception):
    """A kind of value that is not compared here."""


def folded(text):
    """Letter by letter; ASCII letters equal only ASCII letters (re.I takes U+0130 for an i)."""
    return "".join(c.lower() if c < "\x80" or len(c.upper()) > 1 or c.upper().lower() < "\x80" else c.upper().lower() for c in text)


def pattern_of(value, anywhere=False):
    cased = isinstance(value, SigmaCasedString)
    parts = []
    for piece in value.s:
        if piece is SpecialChars.WILDCARD_MULTI:
            parts.append(".*")
        elif piece is SpecialChars.WILDCARD_SINGLE:
            parts.append(".")
        elif isinstance(piece, str):
            parts.append(re.escape(piece if cased else folded(piece)))
        else:
            raise Unsupported("placeholder")
    text = "".join(parts)
    return re.compile(f".*(?:{text}).*" if anywhere else text, re.S)


def number_of(text):
    text = text.strip()
    return float(int(text, 16)) if re.fullmatch(r"0x[0-9a-fA-F]+", text) else float(text) if re.fullmatch(r"[+-]?\d+(?:\.\d+)?(?:e\d+)?", text) else float("nan")


def part_of(text, part):
    """A part of a date as it is written, or of seconds since 1970."""
    written = re.match(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)", text)
    if written:
        date = datetime.datetime(*map(int, written.groups()))
    elif re.fullmatch(r"\d{10}(\d{3})?", text):
        date = datetime.datetime.fromtimestamp(int(text[:10]), datetime.timezone.utc)
    else:
        return float("nan")
    return date.isocalendar()[1] if part == "week" else getattr(date, part)


def text_holds(value, text, record, anywhere):
    """Does one text of the record satisfy a value of the rule?"""
    if isinstance(value, SigmaExpansion):
        return any(text_holds(one, text, record, anywhere) for one in value.values)
    if isinstance(value, SigmaString):
        return pattern_of(value, anywhere).fullmatch(text if isinstance(value, SigmaCasedString) else folded(text)) is not None
    if isinstance(value, SigmaBool):
        return text.lower() == str(value.boolean).lower()
    if isinstance(value, SigmaRegularExpression):
        flags = re.A
        for flag in value.flags:
            flags |= FLAGS[flag.name]
        return re.search(str(value.regexp), text, flags) is not None
    if isinstance(value, SigmaTimestampPart):
        return part_of(text, value.timestamp_part.name.lower()) == value.number
    if isinstance(value, SigmaNumber):
        return text == str(value.number)
    if isinstance(value, SigmaCIDRExpression):
        try:
            address = ipaddress.ip_address(text.strip().split("%")[0])
        except ValueError:
            return False
        if address.version == 6 and address.ipv4_mapped:
            address = address.ipv4_mapped
        return address.version == value.network.version and address in value.network
    if isinstance(value, SigmaCompareExpression):
        bound = value.number
        left = part_of(text, bound.timestamp_part.name.lower()) if isinstance(bound, SigmaTimestampPart) else number_of(text)
        return COMPARISONS[value.op.name](left, float(bound.number))
    if isinstance(value, SigmaFieldReference):
        other = record.get(value.field)
        if other is None:
            return False
        left, right = text.lower(), other.lower()
        if right == "" and (value.starts_with or value.ends_with):
            return False  # a part that is nothing is part of everything: told apart in docs/sigma.md
        if value.starts_with and value.ends_with:
            return right in left
        if value.starts_with:
            return left.startswith(right)
        return left.endswith(right) if value.ends_with else left == right
    raise Unsupported(type(value).__name__)


def holds(node, record):
    if isinstance(node, ConditionAND):
        return all(holds(part, record) for part in node.args)
    if isinstance(node, ConditionOR):
        return any(holds(part, record) for part in node.args)
    if isinstance(node, ConditionNOT):
        return not holds(node.args[0], record)
    if isinstance(node, ConditionValueExpression):
        return any(text_holds(node.value, text, record, True) for text in record.values())
    if isinstance(node, ConditionFieldEqualsValueExpression):
        text = record.get(node.field)
        if isinstance(node.value, SigmaNull):
            return text is None
        if isinstance(node.value, SigmaExists):
            return (text is not None) == bool(node.value)
        return text is not None and text_holds(node.value, text, record, False)
    raise Unsupported(type(node).__name__)


def main():
    asked = json.load(sys.stdin)
    found, refused = [], {}
    for number, text in enumerate(asked["rules"]):
        try:
            rule = SigmaCollection.from_yaml(text).rules[0]
            conditions = [condition.parse() for condition in rule.detection.parsed_condition]
            for place, record in enumerate(asked["records"]):
                if any(holds(condition, record) for condition in conditions):
                    found.append([number, place])
        except Exception as error:  # whatever it refuses is told, not hidden
            refused[number] = f"{type(error).__name__}: {error}"
    json.dump({"holds": found, "refused": refused}, sys.stdout)


main()
