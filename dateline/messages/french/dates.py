"""What is staff asked in French where a text is not read as a date?"""

from __future__ import annotations

DATES: dict[str, str] = {
    "date-missing": "il manque la date. Ajoutez une ligne : date = {wanted}.",
    "date-empty": "le champ {field} est vide. Écrivez un jour, comme {field} = {wanted}.",
    "date-not-a-date": (
        "« {found} » n'est pas lu comme une date. Écrivez le jour, le mois et l'année, par "
        "exemple {wanted}."
    ),
    "date-unknown-word": (
        "« {found} », dans le champ {field}, n'est pas compris et peut changer la date. Écrivez "
        "la date seule, par exemple {wanted}."
    ),
    "date-no-year": 'il manque l\'année dans le champ {field}. Écrivez "{wanted}".',
    "date-no-such-year": (
        "l'année de « {found} » n'a pas quatre chiffres. De quelle année s'agit-il ?"
    ),
    "date-two-digit-year": "écrivez l'année avec quatre chiffres : {wanted}.",
    "date-no-such-day": "la date « {found} » n'existe pas. Corrigez-la.",
    "date-ambiguous-day-month": "« {found} » peut désigner plus d'un jour : écrivez {wanted}.",
    "date-weekday-mismatch": (
        "le jour de la semaine ne va pas avec la date : c'est le {wanted}, et non {found}. Lequel "
        "est juste ?"
    ),
    "date-two-dates": (
        "il y a plus d'une date dans « {found} ». Laquelle est la bonne ? Pour le premier et le "
        'dernier jour d\'un événement plus long, écrivez event = "1 - 3 May 2026".'
    ),
    "date-vague": (
        "« {found} » ne dit pas quel jour. Écrivez un jour, comme 20 octobre 2026 ; un événement "
        'peut aussi être un mois ("octobre 2026") ou avoir un premier et un dernier jour ("1 - 3 '
        'mai 2026").'
    ),
    "date-relative": (
        "« {found} » dépend du jour où on le lit. Écrivez le jour lui-même, par exemple {wanted}."
    ),
    "date-range": (
        'le champ {field} est un seul jour. Mettez « {found} » dans event = "{found}", et le jour '
        "de la publication dans date."
    ),
    "date-month-only": (
        'le champ {field} est un seul jour. Lequel ? « {found} » peut aller dans event = "{found}".'
    ),
    "date-ends-before-start": (
        "« {found} » se termine avant de commencer. Corrigez-le ; si cela se poursuit l'année "
        "suivante, écrivez les deux années."
    ),
    "date-too-far": (
        "le {found} est dans {wanted} ans. Si c'est une faute de frappe, corrigez l'année."
    ),
    "date-too-early": (
        "le {found} est antérieur à {wanted}. Si c'est une faute de frappe, corrigez l'année."
    ),
    "date-no-such-time": "l'heure {found} n'existe pas : écrivez {wanted}.",
    "date-ambiguous-time": (
        "l'heure « {found} » peut désigner plus d'un moment. Lequel : {wanted} ?"
    ),
    "date-ambiguous-zone": (
        "{found} peut désigner plus d'un fuseau horaire. Écrivez plutôt le décalage : {wanted}."
    ),
    "date-zone-mismatch": (
        "{found} n'est pas en usage ce jour-là : c'est {wanted}. Écrivez l'heure en {wanted}."
    ),
}
