"""All cases of the vectors: what is checked, and the verdict that follows from how it was made."""

import base64
import json
import os

import shapes
import tampered
import questions
from signer import Signer, receipt
from statements import SHAPES
from writ_verify import canonical


def as_field(name, data):
    """Bytes as a member of a case: text where they are UTF-8, base64 else."""
    try:
        return {name: data.decode("utf-8")}
    except UnicodeDecodeError:
        return {name + "_base64": base64.b64encode(data).decode()}


class Cases:
    """Collects cases; names are unique."""

    def __init__(self):
        self.made = {}

    def add(self, name, data, holds, keys=None, question=None, authorizes=None, status=None):
        """A case; `holds` says whether it is authentic, `authorizes` what becomes of the question."""
        assert name not in self.made, name
        case = {"name": name, "keys": keys if keys is not None else [Signer().vkey], **as_field("receipt", data)}
        if question:
            case["question"] = {}
            for member, value in question.items():
                case["question"].update(as_field(member, value if type(value) is bytes else value.encode()))
        if status == 64:
            case["expect"] = {"status": 64}
        else:
            answer = "not_asked" if question is None else "holds" if holds and authorizes else "fails"
            case["expect"] = {
                "status": 0 if holds and answer != "fails" else 5,
                "authentic": "holds" if holds else "fails",
                "authorizes": answer,
            }
        self.made[name] = case

    def statement(self, name, value, holds):
        """A statement that the log has, as a value or as bytes."""
        data = value if type(value) is bytes else canonical(value).encode()
        self.add(name, receipt(data), holds)


def positive(cases):
    for name, value in SHAPES.items():
        cases.statement(f"good/{name}", value, True)
    statement = canonical(SHAPES["halt-all"]).encode()
    for size in (1, 2, 3, 7, 8, 11, 64):
        for index in sorted({0, size // 2, size - 1}):
            cases.add(f"good/tree-{size}-{index}", receipt(statement, index, size), True)


def recorded(cases, folder):
    """The receipts of a real gate."""
    index = os.path.join(folder, "index.json")
    with open(index, encoding="utf-8") as source:
        listed = json.load(source)
    for entry in listed["receipts"]:
        question = entry.get("question")
        with open(os.path.join(folder, entry["file"]), "rb") as source:
            data = source.read()
        if question and "redemption_file" in question:
            with open(os.path.join(folder, question["redemption_file"]), "rb") as source:
                question = {**question, "redemption": source.read()}
            del question["redemption_file"]
        cases.add("gate/" + entry["name"], data, True, keys=[listed["key"]], question=question, authorizes=True)


def all_cases(gate_folder):
    cases = Cases()
    positive(cases)
    recorded(cases, gate_folder)
    tampered.add(cases)
    shapes.add(cases)
    questions.add(cases)
    return list(cases.made.values())
