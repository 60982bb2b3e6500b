"""What is staff told in French of what the fields say, and of pictures and attachments?"""

from __future__ import annotations

FIELDS: dict[str, str] = {
    # ---- Fields
    "key-letters": (
        "le mot « {field} » contient une lettre d'un autre alphabet ({found}). Retapez {wanted} "
        "avec le clavier latin."
    ),
    "body-link-lost": (
        "le lien vers « {found} » ne mène nulle part pour les lecteurs ; seuls ses mots "
        "restent. Mettez ce fichier à côté de celui-ci et faites un lien vers son nom, ou donnez "
        "une adresse web."
    ),
    "body-dropped": (
        "{found} est omis, avec ce qui s'y trouve. Pour un film, une "
        "carte ou un formulaire, donnez un lien vers sa page."
    ),
    "body-link-read": ("le nom de fichier « {found} » a été lu avec ses espaces ; rien à faire."),
    "text-direction": (
        "le champ {field} contient des caractères invisibles qui changent le "
        "sens de lecture. Retapez {field} à la main."
    ),
    "body-direction": (
        "des caractères invisibles qui changent le sens de lecture ont été "
        "retirés du texte. Vérifiez comment cette ligne se lit maintenant."
    ),
    "body-list-read": ("les lignes à partir de « {found} » ont été lues comme une liste."),
    "body-breaks-read": (
        "les lignes à partir de « {found} » restent des lignes à part, comme "
        "dans une adresse. Pour en faire un paragraphe, écrivez-les sur une "
        "seule ligne."
    ),
    "body-paragraphs-read": ("chaque ligne à partir de « {found} » a été lue comme un paragraphe."),
    "body-table-read": (
        "les lignes à partir de « {found} », dont les parties sont séparées par des tabulations, "
        "ont été lues comme des lignes en colonnes."
    ),
    "body-indent-read": ("« {found} » est en retrait ; ce texte a été lu comme un paragraphe."),
    "body-hyphens-read": ("« {found} » était coupé en fin de ligne ; le mot a été recollé."),
    "body-hyphen": (
        "« {found} » était coupé en fin de ligne ; il a été recollé en un seul "
        "mot. Si le trait d'union en fait partie, écrivez le mot sur une seule "
        "ligne."
    ),
    "body-office-read": (
        "le texte contient ce que Word ou un programme semblable met autour ; "
        "seuls le texte, ses paragraphes, ses listes, ses tableaux et ses "
        "liens ont été lus."
    ),
    "body-note-missing": (
        "il n'y a pas de note {found} ; les lecteurs ne voient que ces signes. Écrivez la note sur "
        "une ligne à part qui commence par {found} et deux points."
    ),
    "body-link-nowhere": (
        "le lien vers « {found} » ne mène nulle part pour les lecteurs ; seuls "
        "ses mots restent. Donnez l'adresse web entière, avec https://."
    ),
    "body-link-completed": (
        "le lien vers « {found} » a été lu à partir de la page du champ link ; "
        "vérifiez-le : {wanted}."
    ),
    "body-link-indoors": (
        "le lien vers « {found} » mène à un ordinateur de votre propre maison, "
        "où aucun lecteur ne vient. Donnez son adresse publique."
    ),
    "body-entry-early": (
        "l'entrée « {found} » n'est pas encore parue ; le lien vers elle "
        "apparaîtra quand elle le sera."
    ),
    "body-entry-missing": (
        "aucune entrée « {found} » n'est parue, et il n'y a pas de fichier de "
        "ce nom ; seuls les mots du lien restent. Écrivez le nom de son "
        "fichier, ou son adresse web. {wanted}"
    ),
    "field-twice": "le champ {field} est donné deux fois ({found}). N'en gardez qu'un.",
    "title-empty": 'le titre est vide. Écrivez-le entre les guillemets droits : title = "…".',
    "body-empty": "le texte (body) est vide. Écrivez-le entre les guillemets droits.",
    "title-missing": 'il manque le titre. Ajoutez une ligne : title = "…".',
    "body-missing": 'il manque le texte (body). Mettez-le à la fin du fichier : body = """ … """.',
    "field-not-text": "le champ {field} doit être un texte entre guillemets droits : {wanted}.",
    "field-not-list": (
        "le champ {field} est une liste : entre crochets, chaque nom entre guillemets droits, avec "
        "des virgules entre les noms : {wanted}."
    ),
    "field-not-date": (
        "le champ {field} doit être une date, comme {field} = 2008-10-20 ; un événement peut aussi "
        's\'écrire comme event = "30 November - 3 December 2008".'
    ),
    "draft-not-bool": "draft vaut true ou false, sans guillemets : draft = true.",
    "field-after-body": (
        "le champ {field} se trouve après le texte (body). Déplacez-le au-dessus de body, pour que "
        "body soit le dernier."
    ),
    "field-misspelt": "il n'y a pas de champ « {field} ». Vouliez-vous dire {wanted} ?",
    "field-unknown": "« {field} » n'est pas un champ connu ici ; il a été ignoré.",
    # ---- Texts, addresses and languages
    "title-too-long": "le titre compte {found} caractères. Raccourcissez-le à 200 au plus.",
    "title-lines": "le titre s'étend sur plus d'une ligne. Écrivez-le sur une seule ligne.",
    "text-markup": (
        "le champ {field} contient le signe de mise en forme {found}. Écrivez-y du texte "
        "sans mise en forme."
    ),
    "title-direction": (
        "le titre contient des caractères invisibles qui changent le sens de lecture. Retapez-le à "
        "la main."
    ),
    "title-template": "le texte du modèle est encore là. Écrivez votre propre titre.",
    "title-invisible": "le titre ne contient rien de visible. Retapez-le à la main.",
    "body-invisible": (
        "le texte (body) ne contient rien de visible. Écrivez-le entre les guillemets droits."
    ),
    "body-template": "le texte du modèle est encore là. Écrivez votre propre texte.",
    "event-empty": (
        "le champ {field} est vide, et sans lui c'est une simple actualité. Écrivez le jour ou les "
        'jours entre les guillemets droits, comme event = "30 November - 3 December 2008", ou '
        "supprimez la ligne."
    ),
    "attachments-empty": (
        "le champ {field} est vide, et sans lui c'est une simple actualité. Écrivez le fichier "
        'entre les crochets, comme attachments = ["report.pdf"], ou supprimez la ligne.'
    ),
    "link-not-web": "le lien doit commencer par https:// ou http://.",
    "link-misspelt": (
        'ceci n\'est pas tout à fait une adresse web. Vouliez-vous dire link = "{wanted}" ?'
    ),
    "link-mail": (
        "le lien doit être une adresse web (https://…), et non une adresse électronique. Mettez "
        "{wanted} dans body."
    ),
    "link-file": (
        "le lien doit être une adresse web (https://…), et {found} est un fichier. Pour publier un "
        "fichier qui se trouve à côté de celui-ci, écrivez {wanted}."
    ),
    "link-indoors": (
        "le lien mène à votre ordinateur ou à votre réseau (« {found} »), où aucun lecteur "
        "ne peut aller. Donnez l'adresse d'une page publique, ou supprimez la ligne."
    ),
    "link-cut": ("le lien est coupé (« {found} »). Copiez de nouveau l'adresse entière."),
    "link-completed": "https:// a été ajouté au lien ; vérifiez-le : {wanted}.",
    "language-unknown": (
        'la langue « {found} » n\'est pas connue. Écrivez language = "en", ou "fr", "ar", ….'
    ),
    "language-misspelt": "la langue « {found} » n'est pas connue. Vouliez-vous dire {wanted} ?",
    "language-read": "« {found} » a été lu comme « {wanted} ».",
    "category-near": (
        "la catégorie « {found} » n'est pas encore connue. Vouliez-vous écrire « {wanted} » ? Elle "
        "reste telle quelle."
    ),
    "category-sign": (
        "la catégorie « {found} » contient une virgule ou un |. Faites-en deux catégories."
    ),
    "expires-before-date": (
        "expires ({found}) est antérieur à date ({wanted}). Corrigez l'un des deux."
    ),
    "updated-before-date": (
        "updated ({found}) est antérieur à date ({wanted}). Corrigez l'un des deux."
    ),
    "updated-ahead": "updated ({found}) est encore à venir. Corrigez-le.",
    "status-unknown": (
        'status ne peut être que "retracted". Supprimez la ligne, ou écrivez status = "retracted".'
    ),
    "status-draft": (
        "pour un brouillon, écrivez draft = true à la place de cette ligne ; status ne peut "
        'être que "retracted".'
    ),
    "retraction-missing": (
        'une entrée retirée doit dire pourquoi. Ajoutez une ligne : retraction = "…".'
    ),
    "retraction-alone": (
        'retraction va avec status = "retracted". Ajoutez cette ligne, ou supprimez celle-ci.'
    ),
    # ---- Pictures and attachments beside the entry
    "image-not-there": ("{found} n'a pas été trouvé à côté de ce fichier ; il est omis. {wanted}"),
    "file-awaited": (
        "{found} n'est pas encore là (copie en cours ?). Dateline l'attend dix secondes, puis "
        "publie sans lui."
    ),
    "image-no-alt": (
        "l'image n'a pas de description pour les personnes qui ne peuvent pas la voir. Ajoutez "
        'image_alt = "…".'
    ),
    "picture-no-alt": (
        "{found} n'a pas de description pour les personnes qui ne peuvent pas le voir. Écrivez-la "
        "entre les crochets : ![ce qu'on y voit]({found})."
    ),
    "image-no-picture": (
        "{found} n'est pas une image ; il est omis. Pour l'offrir aux lecteurs, écrivez {wanted}."
    ),
    "file-outside": (
        "{found} se trouve hors du dossier des entrées. Mettez-le à côté de ce fichier."
    ),
    "media-unreadable": (
        "{found} ne peut pas être ouvert. Fermez-le dans les autres programmes, copiez-le ici de "
        "nouveau, ou autorisez le programme de publication à le lire."
    ),
    # ---- Pictures and attachments
    "media-unknown-type": (
        "{found} est d'un type qui n'est pas publié ici ; il est omis. Enregistrez "
        "une image en JPEG ou PNG, un texte en PDF."
    ),
    "media-not-what-its-name-says": (
        "{found} n'est pas ce que dit son nom ; il est omis. Ouvrez-le et "
        "enregistrez-le de nouveau dans ce format."
    ),
    "text-heavy": (
        "ce texte prend jusqu'à {found} ko dans un flux, et un flux contient 1 900 ko pour "
        "toutes les actualités : ses lecteurs n'auront peut-être que le résumé, avec un lien vers "
        "la page. Mettez les longues listes et les tableaux dans un fichier à côté de l'entrée, "
        "et nommez-le dans attachments."
    ),
    "media-broken": ("{found} est abîmé ; il est omis. Copiez-le de nouveau depuis sa source."),
    "media-locked": (
        "{found} est protégé par un mot de passe ; il est omis. Enregistrez une "
        "copie sans mot de passe."
    ),
    "media-too-large": ("{found} dépasse 50 Mo ; il est omis. Mettez ici un fichier plus petit."),
    "media-too-many-pixels": (
        "{found} compte plus de 60 millions de pixels ; il est omis. Enregistrez "
        "l'image en plus petit : 2 000 pixels de large suffisent."
    ),
}
