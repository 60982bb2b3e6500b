"""What is staff told in French of a line that cannot be read, or that was mended?"""

from __future__ import annotations

LINES: dict[str, str] = {
    # ---- Lines that cannot be read
    "file-not-toml": (
        "cette ligne ne peut pas être lue : « {found} ». Une ligne se compose d'un nom, d'un signe "
        'égal et d\'un texte entre guillemets droits, comme title = "Report on Lebanon".'
    ),
    "body-open": (
        'le texte (body) commence par """, mais ne se termine jamais. Ajoutez """ à la fin du '
        "fichier, seul sur une ligne."
    ),
    "quotes-hidden": (
        'le signe \\ devant le dernier """ le cache : le champ {field} ne se termine jamais. '
        'Supprimez ce \\, ou mettez """ seul sur une ligne.'
    ),
    "body-ends-otherwise": (
        "le champ {field} se termine ici par d'autres guillemets ({found}) que ceux du début. "
        "Tapez plutôt {wanted}, seul sur une ligne."
    ),
    "body-one-quote": (
        "le texte (body) doit avoir trois guillemets droits au début et trois à la fin : body = "
        '""" … """.'
    ),
    "body-ended": (
        'le texte (body) s\'est terminé plus haut ("""), et cette ligne se trouve donc en dehors : '
        '« {found} ». Déplacez les """ tout à la fin du fichier.'
    ),
    "quotes-three": (
        "trois guillemets droits de suite terminent trop tôt le champ {field}. À l'intérieur du "
        "texte, employez des guillemets simples ou courbes."
    ),
    "quotes-three-line": (
        "il y a quelque chose après les trois guillemets qui terminent le champ {field}. Ne "
        "laissez rien après eux ; à l'intérieur du texte, employez des guillemets simples ou "
        "courbes."
    ),
    "quotes-missing": "mettez le champ {field} entre guillemets droits : {wanted}.",
    "quote-open-missing": (
        'il manque le guillemet ouvrant (") du champ {field}. Ajoutez-le juste après le signe égal '
        ": {wanted}."
    ),
    "quote-close-missing": (
        'il manque le guillemet fermant (") du champ {field}. Ajoutez-le à la fin : {wanted}.'
    ),
    "quotes-rest": (
        "il y a quelque chose après le guillemet fermant du champ {field}. Mettez le tout entre "
        "deux guillemets, un au début et un à la fin : {wanted}."
    ),
    "quotes-inside": (
        "des guillemets droits (\") à l'intérieur du champ {field} le terminent trop tôt. À "
        "l'intérieur, employez des guillemets courbes (“ ”) ou simples : {wanted}."
    ),
    "quote-apostrophe": (
        "une apostrophe à l'intérieur du champ {field} le termine trop tôt. Entourez-le de "
        "guillemets doubles : {wanted}."
    ),
    "quotes-differ": (
        "les guillemets autour du champ {field} ne vont pas ensemble : {found}. Mettez des "
        'guillemets droits (") des deux côtés : {wanted}.'
    ),
    "quotes-other": (
        'mettez le champ {field} entre guillemets droits ("), et non {found} : {wanted}. À '
        "l'intérieur des guillemets droits, {found} conviennent."
    ),
    "two-on-a-line": (
        "le champ {field} commence sur la ligne d'un autre champ. Donnez à chacun sa propre ligne."
    ),
    "comment-sign": "{found} n'a pas de sens ici. Une note pour vous-mêmes commence par #.",
    "text-two-lines": (
        "le champ {field} s'étend sur plus d'une ligne. Écrivez-le sur une seule ligne : {wanted}."
    ),
    "no-equals": "écrivez un signe égal entre le nom et le texte : {wanted}.",
    "value-missing": (
        "il n'y a rien après {field}. Écrivez {wanted} ; un champ inutile peut être supprimé."
    ),
    "section": (
        "les lignes entre crochets ne servent pas ici : {found}. Supprimez cette ligne ; une ligne "
        "se compose d'un nom, d'un signe égal et d'un texte, comme title = \"…\"."
    ),
    "section-swallows": (
        "le champ {field} et les lignes qui le suivent font maintenant partie de {found}. "
        "Supprimez la partie {found} qui se trouve au-dessus{wanted}."
    ),
    "control-sign": (
        "il y a ici un signe invisible, après « {found} ». Supprimez-le, ou retapez ce passage à "
        "la main."
    ),
    "own-computer": (
        "« {found} » est un emplacement sur votre propre ordinateur. Mettez ce fichier à côté de "
        "celui-ci et écrivez {wanted}."
    ),
    "link-own-computer": (
        "le lien mène à un fichier sur votre propre ordinateur (« {found} »). Donnez une adresse "
        "web ; ou mettez le fichier à côté de celui-ci et écrivez {wanted}."
    ),
    "backslash-place": "dans les noms de fichiers, écrivez / et non \\ : {wanted}.",
    "backslash": (
        "le signe \\ a ici un sens particulier ({found}). Écrivez \\\\ pour un seul \\, ou "
        "employez /."
    ),
    "list": (
        "le champ {field} est une liste : entre crochets, chaque nom entre guillemets droits, avec "
        "des virgules entre les noms : {wanted}."
    ),
    "brackets": "le champ {field} est un seul texte, et non une liste. Écrivez {wanted}.",
    # ---- Repairs
    "unseen-read": "",
    "quotes-read": (
        "les guillemets courbes autour du champ {field} ont été lus comme des guillemets droits "
        "(\") ; vous n'avez rien à faire."
    ),
    "width-read": (
        "les signes pleine chasse {found} ont été lus comme {wanted} ; vous n'avez rien à faire."
    ),
    "end-ignored": "le signe « {found} » à la fin a été ignoré ; vous n'avez rien à faire.",
    "draft-read": (
        "« {found} » a été lu comme draft = {wanted} (en minuscules) ; vous n'avez rien à faire."
    ),
    "date-read": "le champ {field} a été lu comme {wanted} ; vous n'avez rien à faire.",
    "list-read": "« {found} » a été lu comme {wanted} ; vous n'avez rien à faire.",
    "key-read": "« {found} » a été lu comme {field} ; vous n'avez rien à faire.",
}
