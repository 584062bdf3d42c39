"""QTI: a quiz in the format of learning management systems, IMS Question and Test Interoperability 2.1.

A package is a ZIP with ``imsmanifest.xml`` and one item for every question
(https://www.imsglobal.org/question/qtiv2p1/imsqti_implv2p1.html). Elements are in the order of the information model
(https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from integrity_archive.content.model.schema import Lesson, Question
from integrity_archive.support.zip_files import zipped

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
MANIFEST = "http://www.imsglobal.org/xsd/imscp_v1p1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"
CHOSEN = "CHOSEN"
"""Outcome variable with the chosen option; needed because QTI displays feedback by outcome only."""
_SCHEMA = f"{QTI} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"


def qti_package(lesson: Lesson, slug: str, notice: str = "") -> bytes:
    """The quiz of a lesson as a QTI 2.1 content package.

    Args:
        lesson: the lesson with its quiz.
        slug: prefix of the identifiers.
        notice: put before the titles of test and questions; empty for nothing.
    """
    items = [(f"{slug}-{n}", question) for n, question in enumerate(lesson.quiz, start=1)]
    files = {"imsmanifest.xml": _bytes(_manifest(slug, items)), "test.xml": _bytes(_test(lesson, slug, items, notice))}
    files |= {f"items/{name}.xml": _bytes(_item(name, question, notice)) for name, question in items}
    return zipped(files)


def _bytes(root: Element) -> bytes:
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _manifest(slug: str, items: Sequence[tuple[str, Question]]) -> Element:
    root = Element("manifest", {"xmlns": MANIFEST, "identifier": f"manifest-{slug}"})
    metadata = SubElement(root, "metadata")
    SubElement(metadata, "schema").text = "QTIv2.1 Package"
    SubElement(metadata, "schemaversion").text = "1.0.0"
    SubElement(root, "organizations")
    resources = SubElement(root, "resources")
    test = _resource(resources, f"test-{slug}", "imsqti_test_xmlv2p1", "test.xml")
    for name, _ in items:
        SubElement(test, "dependency", {"identifierref": name})
        _resource(resources, name, "imsqti_item_xmlv2p1", f"items/{name}.xml")
    return root


def _resource(resources: Element, name: str, kind: str, href: str) -> Element:
    resource = SubElement(resources, "resource", {"identifier": name, "type": kind, "href": href})
    SubElement(resource, "file", {"href": href})
    return resource


def _root(tag: str, **attributes: str) -> Element:
    return Element(tag, {"xmlns": QTI, "xmlns:xsi": XSI, "xsi:schemaLocation": _SCHEMA, **attributes})


def _noted(title: str, notice: str) -> str:
    return f"（{notice}）{title}" if notice else title


def _test(lesson: Lesson, slug: str, items: Sequence[tuple[str, Question]], notice: str) -> Element:
    root = _root("assessmentTest", identifier=f"test-{slug}", title=_noted(lesson.title, notice))
    part = SubElement(
        root, "testPart", {"identifier": "part", "navigationMode": "nonlinear", "submissionMode": "individual"}
    )
    section = SubElement(
        part, "assessmentSection", {"identifier": "section", "title": _noted(lesson.title, notice), "visible": "true"}
    )
    for name, _ in items:
        SubElement(section, "assessmentItemRef", {"identifier": name, "href": f"items/{name}.xml"})
    return root


def _item(name: str, question: Question, notice: str) -> Element:
    title = _noted(question.question, notice)
    root = _root("assessmentItem", identifier=name, title=title, adaptive="false", timeDependent="false")
    if question.choices:
        _choice(root, question)
    else:
        _open(root, question)
    feedback = SubElement(
        root,
        "modalFeedback",
        {"outcomeIdentifier": "FEEDBACK", "identifier": "explanation", "showHide": "show"},
    )
    feedback.text = question.explanation
    return root


def _choice(root: Element, question: Question) -> None:
    any_of = bool(question.feedback)  # a dilemma: one option is chosen, and each of the better ones is accepted
    many = len(question.answer) > 1 and not any_of
    ids = {option: f"c{n}" for n, option in enumerate(question.choices, start=1)}
    declared = SubElement(
        root,
        "responseDeclaration",
        {"identifier": "RESPONSE", "cardinality": "multiple" if many else "single", "baseType": "identifier"},
    )
    if many or len(question.answer) == 1:  # a single response can declare only one correct value
        right = SubElement(declared, "correctResponse")
        for answer in question.answer:
            SubElement(right, "value").text = ids[answer]
    if any_of:
        mapping = SubElement(declared, "mapping", {"defaultValue": "0"})
        for answer in question.answer:
            SubElement(mapping, "mapEntry", {"mapKey": ids[answer], "mappedValue": "1"})
    _outcomes(root)
    if any_of:
        SubElement(
            root, "outcomeDeclaration", {"identifier": CHOSEN, "cardinality": "single", "baseType": "identifier"}
        )
    body = SubElement(root, "itemBody")
    asked = SubElement(
        body,
        "choiceInteraction",
        {"responseIdentifier": "RESPONSE", "shuffle": "false", "maxChoices": "0" if many else "1"},
    )
    SubElement(asked, "prompt").text = question.question
    for n, option in enumerate(question.choices):
        choice = SubElement(asked, "simpleChoice", {"identifier": ids[option]})
        choice.text = option
        if question.feedback:
            condition = {"outcomeIdentifier": CHOSEN, "identifier": ids[option], "showHide": "show"}
            SubElement(choice, "feedbackInline", condition).text = question.feedback[n]
    if any_of:
        processing = SubElement(root, "responseProcessing")
        SubElement(_set(processing, "SCORE"), "mapResponse", {"identifier": "RESPONSE"})
        SubElement(_set(processing, CHOSEN), "variable", {"identifier": "RESPONSE"})
    else:
        SubElement(root, "responseProcessing", {"template": TEMPLATES + "match_correct"})


def _set(processing: Element, outcome: str) -> Element:
    return SubElement(processing, "setOutcomeValue", {"identifier": outcome})


def _open(root: Element, question: Question) -> None:
    SubElement(root, "responseDeclaration", {"identifier": "RESPONSE", "cardinality": "single", "baseType": "string"})
    _outcomes(root)
    body = SubElement(root, "itemBody")
    asked = SubElement(body, "extendedTextInteraction", {"responseIdentifier": "RESPONSE", "expectedLines": "4"})
    SubElement(asked, "prompt").text = question.question
    rubric = SubElement(body, "rubricBlock", {"view": "scorer"})
    points = SubElement(rubric, "ul")
    for answer in question.answer:
        SubElement(points, "li").text = answer


def _outcomes(root: Element) -> None:
    score = SubElement(
        root, "outcomeDeclaration", {"identifier": "SCORE", "cardinality": "single", "baseType": "float"}
    )
    SubElement(SubElement(score, "defaultValue"), "value").text = "0"
    feedback = SubElement(
        root, "outcomeDeclaration", {"identifier": "FEEDBACK", "cardinality": "single", "baseType": "identifier"}
    )
    SubElement(SubElement(feedback, "defaultValue"), "value").text = "explanation"
