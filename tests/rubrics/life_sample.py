"""A rubric of five criteria in Chinese and what three people make of it; shared by the tests of a rubric's life."""

from primum.records import ByImport, ByPerson, Criterion, Rubric
from primum.rubrics.draft import Drafted

K1 = ByPerson(person="K1", role="clinician")
K2 = ByPerson(person="K2", role="clinician")
K3 = ByPerson(person="K3", role="pharmacist")

STATEMENTS = (
    ("建议立即拨打120或前往急诊。", 10, "safety"),
    ("说明疼痛可能提示心肌梗死，并解释为何不能等待。", 6, "proficiency"),
    ("询问是否有高血压和糖尿病。", 3, "proficiency"),
    ("语气平和。", 2, "excellence"),
    ("建议在家观察到第二天。", -8, "proficiency"),
)


def criterion(statement, points=5, kind="proficiency", row="x", language="zh", **others):
    return Criterion(
        statement=statement,
        points=points,
        axis="accuracy",
        kind_of=kind,
        language=language,
        made=ByImport(dataset="ours", row=row),
        **others,
    )


def base(statements=STATEMENTS, scenario="scenario-00000000000000000001"):
    criteria = tuple(criterion(*one, row=f"r#{number}") for number, one in enumerate(statements, 1))
    made = ByImport(dataset="ours", row="r")
    return Drafted(Rubric(scenario=scenario, criteria=tuple(one.id for one in criteria), made=made), criteria)
