"""What is staff asked in Spanish where a text is not read as a date?"""

from __future__ import annotations

DATES: dict[str, str] = {
    "date-missing": "falta la fecha. Añada una línea: date = {wanted}.",
    "date-empty": "el campo {field} está vacío. Escriba un día, como {field} = {wanted}.",
    "date-not-a-date": (
        "«{found}» no se lee como una fecha. Escriba el día, el mes y el año, como {wanted}."
    ),
    "date-unknown-word": (
        "«{found}», en el campo {field}, no se entiende y puede cambiar la fecha. Escriba la "
        "fecha sola, como {wanted}."
    ),
    "date-no-year": 'falta el año en el campo {field}. Escriba "{wanted}".',
    "date-no-such-year": "el año de «{found}» no tiene cuatro cifras. ¿Qué año es?",
    "date-two-digit-year": "escriba el año con cuatro cifras: {wanted}.",
    "date-no-such-day": "la fecha «{found}» no existe. Corríjala.",
    "date-ambiguous-day-month": "«{found}» puede ser más de un día: escriba {wanted}.",
    "date-weekday-mismatch": (
        "el día de la semana no corresponde a la fecha: es el {wanted}, no {found}. ¿Cuál es el "
        "correcto?"
    ),
    "date-two-dates": (
        "hay más de una fecha en «{found}». ¿Cuál es la correcta? Para el primer y el último día "
        'de un evento más largo, escriba event = "1 - 3 May 2026".'
    ),
    "date-vague": (
        "«{found}» no dice qué día. Escriba un día, como 20 de octubre de 2026; un evento también "
        'puede ser un mes ("octubre de 2026") o tener un primer y un último día ("1 - 3 de mayo de '
        '2026").'
    ),
    "date-relative": (
        "«{found}» depende del día en que se lee. Escriba el día mismo, como {wanted}."
    ),
    "date-range": (
        'el campo {field} es un solo día. Ponga «{found}» en event = "{found}", y el día de la '
        "publicación en date."
    ),
    "date-month-only": (
        'el campo {field} es un solo día. ¿Cuál? «{found}» puede ir en event = "{found}".'
    ),
    "date-ends-before-start": (
        "«{found}» termina antes de empezar. Corríjalo; si continúa en el año siguiente, escriba "
        "los dos años."
    ),
    "date-too-far": "el {found} es dentro de {wanted} años. Si es un error, corrija el año.",
    "date-too-early": "el {found} es anterior a {wanted}. Si es un error, corrija el año.",
    "date-no-such-time": "la hora {found} no existe: escriba {wanted}.",
    "date-ambiguous-time": "la hora «{found}» puede ser más de un momento. ¿Cuál es: {wanted}?",
    "date-ambiguous-zone": (
        "{found} puede ser más de un huso horario. Escriba en su lugar la diferencia: {wanted}."
    ),
    "date-zone-mismatch": (
        "{found} no se usa ese día: se usa {wanted}. Escriba la hora en {wanted}."
    ),
}
