"""What every name is called, in Chinese and English: columns, arguments, lists, buttons, values.

Pages, exports and the data dictionary read it. A name may be said with where it occurs:
"stock.lots.number", "production.issue.order_id". tests/house/test_labels.py knows that each has
its words, and no words are left over.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from traceward.kernel.base.refusals import fill
from traceward.kernel.rules.queries import SPECS
from traceward.kernel.rules.rules import Spec
from traceward.resources import kit
from traceward.resources.labels.apart import APART
from traceward.resources.labels.arguments import ARGUMENTS
from traceward.resources.labels.columns import COLUMNS
from traceward.resources.labels.deeds import DEEDS, past
from traceward.resources.labels.parameters import PARAMETERS
from traceward.resources.labels.resources import QUESTIONS, RESOURCES
from traceward.resources.labels.values import KINDS, LIKE, NO, VALUES, VERBAL, YES
from traceward.resources.labels.verbs import VERBS

NAMES: dict[str, tuple[str, str]] = {**ARGUMENTS, **COLUMNS, **APART}

#: How names of the parts of a record end, and what is said of the part where all are shown.
ENDS: dict[str, tuple[str, str]] = {
    "_raw_number": ("", ""),
    "_name_zh": ("中文名称", "Chinese name"),
    "_name_en": ("英文名称", "English name"),
    "_number": ("编号", "number"),
    "_login": ("登录名", "login"),
    "_code": ("编码", "code"),
    "_uid": ("全局标识", "global ID"),
    "_id": ("内部编号", "ID"),
    "_zh": ("中文", "Chinese"),
    "_en": ("英文", "English"),
}


class Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """In "zh-hans" or "en"."""
        return self.zh if language.startswith("zh") else self.en


def of_column(name: str) -> Words:
    """What a column is called; id, code and names of a record are called as the record is."""
    return Words(*NAMES[key_of(name)])


def of_argument(name: str) -> Words:
    """What an argument of a command or question is called, or a field of its answer."""
    return of_column(name)


def in_full(name: str) -> Words:
    """A column where all of them are shown: no two of a list are called the same."""
    words = of_column(name)
    bare = name.rpartition(".")[2]
    if key_of(name).rpartition(".")[2] == bare:
        return words
    zh, en = ENDS[bare.removeprefix(stem_of(bare))]
    return Words(f"{words.zh}（{zh}）", f"{words.en} ({en})") if en else words


def of_resource(name: str) -> Words:
    """The title of a list, such as 批号 / Lots; or of a question."""
    zh, plural, _ = RESOURCES[name] if name in RESOURCES else QUESTIONS[name]
    return Words(zh, plural)


def of_question(name: str) -> Words:
    """The title of a question, such as 近效期库存 / Stock near expiry."""
    zh, plural, _ = QUESTIONS[name]
    return Words(zh, plural)


def of_row(name: str) -> Words:
    """One row of a list or of a question's answer, such as 批号 / Lot."""
    zh, _, singular = RESOURCES[name] if name in RESOURCES else QUESTIONS[name]
    return Words(zh, singular)


def of_verb(verb: str) -> Words:
    """The button of a command, such as 批准 / Approve."""
    return Words(*VERBS[verb])


def of_deed(verb: str) -> Words:
    """What was done once the command ran, such as 已批准 / Approved."""
    zh, en = VERBS[verb]
    return Words(DEEDS.get(verb, f"已{zh}"), past(en))


def of_parameter(spec: Spec) -> Words:
    """What a parameter of the rules decides."""
    return Words(PARAMETERS[spec.key], spec.doc)


def of_value(name: str, value: Any) -> Words:
    """What a value means, of this column, argument or field; as it is where it is no word of ours.

    Say where the name occurs: a kind of place is not a kind of licence.
    """
    if isinstance(value, bool):
        return Words(*(YES if value else NO))
    said, bare = str(value), name.rpartition(".")[2]
    for way in ways(name):
        if said in VALUES.get(way, {}):
            return Words(*VALUES[way][said])
    if bare in VERBAL and said in VERBS:
        return of_verb(said)
    if bare in VERBAL and (said in RESOURCES or said in QUESTIONS):
        return of_resource(said)
    if bare == "key" and said in SPECS and name != "rules.known_parameters.key":
        return of_parameter(SPECS[said])
    if bare in KINDS and (listed := list_of_kind(said)):
        return of_row(listed)
    return _translated(bare, _label(name, said))


def of_number(name: str, number: int) -> Words | None:
    """What the number stands for in this column, argument or field; None where it is a number."""
    for way in ways(name):
        if str(number) in VALUES.get(way, {}):
            return Words(*VALUES[way][str(number)])
    return None


def meant(name: str, text: str) -> str:
    """The value that these words are of, in either language; the text itself where none is."""
    for way in ways(name):
        for value, words in VALUES.get(way, {}).items():
            if text in words:
                return str(value)
    return text


def key_of(name: str) -> str:
    """Under which key the words of the name stand: what is nearest to where it occurs."""
    for way in ways(name):
        if way in NAMES:
            return way
    raise KeyError(name)


def ways(name: str) -> Iterator[str]:
    """The keys that may say it: of the list or command, of the area, of all; by name, by stem."""
    *place, bare = name.split(".")
    stem = stem_of(bare)
    for depth in range(len(place), -1, -1):
        for form in dict.fromkeys((bare, stem)):
            yield ".".join((*place[:depth], form))


def stem_of(name: str) -> str:
    """The record that the name is a part of: "approved_by" of "approved_by_login"."""
    end = next((end for end in ENDS if name.endswith(end)), "")
    return name.removesuffix(end) or name


def list_of_kind(kind: str) -> str:
    """The list of records of this kind: "sales.deliveries" of "sales.delivery"."""
    names = (f"{kind}s", f"{kind.removesuffix('y')}ies", kind.replace("person", "people"))
    return next((name for name in names if name in RESOURCES), "")


def _label(name: str, value: str) -> str:
    """The message id of a choice; the value itself where the name has no choices."""
    for way in ways(name):
        labels = choices().get(LIKE.get(way, way))
        if labels is not None:
            return labels.get(value, value)
    return value


@cache
def choices() -> dict[str, dict[str, str]]:
    """Choice → message id, by column; by its bare name where all columns of it have the same."""
    found: dict[str, dict[str, str]] = {}
    bare: dict[str, list[dict[str, str]]] = {}
    for resource in kit.RESOURCES.values():
        for column in resource.columns.values():
            pairs = column.field.flatchoices if column.field.choices else ()
            labels = {str(word): str(word) for _, word in pairs if column.type is int}
            labels |= {str(value): str(word) for value, word in pairs}
            bare.setdefault(column.name, []).append(labels)
            if labels:
                found[f"{resource.name}.{column.name}"] = labels
    same = {name: all_[0] for name, all_ in bare.items() if all_.count(all_[0]) == len(all_)}
    return {name: labels for name, labels in same.items() if labels} | found


def _translated(bare: str, message: str) -> Words:
    """By the sentences' own translations; the same word may differ as a state and as a status."""
    ends = ("state", "status", "kind")
    context = next((end for end in ends if bare == end or bare.endswith(f"_{end}")), "action")
    zh = fill(f"{{{context}}}", {context: message}, "zh-hans")
    return Words(zh, message[:1].upper() + message[1:] if zh != message else message)
