"""Whether a name is one that a rule such as "{gtin14}_C{facing}{angle}{state}" makes."""

from __future__ import annotations

import re
import string

from deepetch.deliver.gtin import require_gtin
from deepetch.deliver.name_rule import FIELDS, name_by_rule, rule_fields, values_of_stem
from deepetch.errors import InvalidOptions

DIGITS = {"gtin": "(?:[0-9]{8}|[0-9]{12,14})", "gtin14": "[0-9]{14}"}  # as a rule writes them, without spaces


def name_fault(rule: str, stem: str, *, profile: str = "") -> str | None:
    """Why a name without its ending does not keep a rule, in words; None if it does.

    Of a GTIN the check digit counts too.
    profile  what {profile} stands for.
    Raises   InvalidOptions for a rule that is none, as `rule_fields`.
    """
    rule_fields(rule)
    pattern, known = "", set[str]()
    for text, name, _, _ in string.Formatter().parse(rule):
        pattern += re.escape(text)
        if name is None:
            continue
        form = re.escape(profile) if name == "profile" and profile else DIGITS.get(name, FIELDS[name].form)
        pattern += f"(?P={name})" if name in known else f"(?P<{name}>{form})"
        known.add(name)
    found = re.fullmatch(pattern, stem)
    if found is None:
        return gtin_fault(stem) or _made_instead(rule, stem, profile)
    for name in DIGITS.keys() & known:
        try:
            require_gtin(found[name])
        except InvalidOptions as error:
            return _words(error)
    return None


def gtin_fault(stem: str) -> str | None:
    """What is wrong with the GTIN of 13 or 14 digits that a name begins with; None if it is right or there is none."""
    gtin = values_of_stem(stem).get("gtin", "")
    if len(gtin) < 13:  # shorter ones may be dates
        return None
    try:
        require_gtin(gtin)
    except InvalidOptions as error:
        return _words(error)
    return None


def _made_instead(rule: str, stem: str, profile: str) -> str:
    try:
        return f"it would be {name_by_rule(rule, stem, profile=profile)}"
    except InvalidOptions:
        return "it does not have this form"


def _words(error: InvalidOptions) -> str:
    return str(error).rstrip(".")
