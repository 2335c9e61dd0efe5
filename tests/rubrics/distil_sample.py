"""Criteria of known meaning for the tests of distillation."""

from primum.records import ByRule, Criterion
from primum.rubrics.distil import Source

MADE = ByRule(rule="test")
ROUTINE = {"urgency": "routine", "uncertainty": "settled", "expertise": "lay", "task": "explain"}
URGENT = {"urgency": "emergency", "uncertainty": "settled", "expertise": "lay", "task": "treat"}
DISEASES = {
    "en": ("gout", "asthma", "lupus", "eczema", "malaria", "bronchitis"),
    "zh": ("痛风", "哮喘", "湿疹", "疟疾", "肺炎", "糖尿病"),
}
CAUSES = {
    "en": ("Explains what causes {}.", "Describes the cause of {}.", "Clarifies the underlying cause of {}."),
    "zh": ("解释{}的病因。", "介绍{}的发病原因。", "说明{}由什么原因引起。"),
}
CALLS = {
    "en": (
        "Recommends emergency care at once.",
        "Urges to call an ambulance immediately.",
        "Says to go to the emergency department now.",
    ),
    "zh": ("建议立即前往急诊。", "告知马上拨打120急救。", "指出应立刻去急诊科。"),
}


def source(
    statement, language="en", rubric="rubric-1", values=None, points=5, kind="proficiency", axis="accuracy", norms=()
):
    criterion = Criterion(
        statement=statement, points=points, axis=axis, kind_of=kind, language=language, made=MADE, norms=norms
    )
    return Source(criterion, values or ROUTINE, rubric)


def two_meanings(language="en", rubrics=12):
    """In each rubric the cause of a condition (5 points) and, in emergencies, a call for help (9 points); wordings and diseases turn."""
    sources = []
    for number in range(rubrics):
        values = URGENT if number % 2 else ROUTINE
        disease = DISEASES[language][number % 6]
        name = f"rubric-{number}"
        sources.append(
            source(CAUSES[language][number % 3].format(disease), language, name, values, points=4 + number % 3)
        )
        if number % 2:
            sources.append(
                source(
                    CALLS[language][number % 3],
                    language,
                    name,
                    values,
                    points=9,
                    axis="completeness",
                    norms=(f"norm-{number}",),
                )
            )
    return sources
