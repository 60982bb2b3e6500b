"""What is staff told in French of a file as a whole?"""

from __future__ import annotations

FILES: dict[str, str] = {
    # ---- Its name, and where it lies
    "name-not-toml": (
        "le nom de ce fichier ne se termine pas par .toml ; le fichier n'est donc pas lu. Si c'est "
        "une actualité, donnez-lui un nom comme report.toml (dans l'Explorateur : Affichage, "
        "Extensions de noms de fichiers)."
    ),
    "name-of-notes": (
        "ce fichier a un titre, une date et un texte, mais son nom n'est pas celui d'une entrée ; "
        "il n'est donc pas lu. Si c'est une actualité, appelez-le {wanted}."
    ),
    "name-txt": (
        "le nom se termine par .toml.txt ; il a été lu comme .toml. Pour voir comment les noms se "
        "terminent, dans l'Explorateur : Affichage, Extensions de noms de fichiers."
    ),
    "name-shortcut": (
        "ceci est un raccourci, et non le fichier lui-même. Copiez plutôt le fichier ici."
    ),
    "name-not-plain": (
        "le nom contient des signes qui ne peuvent pas être affichés (ici : \ufffd). Renommez le "
        "fichier avec de simples lettres et chiffres, comme report.toml."
    ),
    "name-twice": (
        "un autre fichier porte ici le même nom, aux majuscules ou aux accents près ; pour Windows "
        "et macOS, c'est un seul fichier. Renommez l'un des deux, ou supprimez-le."
    ),
    "link-outside": (
        "ceci est un lien vers un endroit situé hors du dossier des entrées, ou vers rien ; il "
        "n'est pas suivi. Copiez ici le fichier lui-même."
    ),
    "name-conflict": (
        "ceci ressemble à une copie en conflit de {found} : deux personnes l'ont modifié en même "
        "temps. Gardez le bon texte dans un seul fichier et supprimez l'autre."
    ),
    "name-conflict-alone": (
        "ceci ressemble à une copie en conflit de {found}, qui n'est pas là. Si c'est le bon "
        "texte, renommez ce fichier en {found} ; sinon, supprimez-le."
    ),
    "name-copy": (
        "ceci est une seconde copie de {found}, avec presque le même texte. Supprimez-la ou, si "
        "c'est une autre actualité, donnez-lui son propre nom de fichier, son titre et sa date."
    ),
    "file-skipped": "",
    # ---- The file as a whole
    "file-word": (
        "ceci est un {found}, et non du texte brut. Copiez le texte dans un nouveau fichier "
        '(python publisher.py new "Titre" en crée un) ; ou, dans Word, choisissez '
        "Enregistrer sous, Texte brut (.txt), encodage UTF-8, et donnez au fichier un nom "
        "comme report.toml."
    ),
    "file-mail": (
        "ceci est un courriel, et non du texte brut. Copiez son texte dans un nouveau "
        'fichier (python publisher.py new "Titre" en crée un).'
    ),
    "file-rich-text": (
        "ceci est du texte mis en forme (WordPad, TextEdit), et non du texte brut. Dans TextEdit, "
        "choisissez Format, Convertir au format Texte, et enregistrez de nouveau ; dans WordPad, "
        "enregistrez comme document texte brut."
    ),
    "file-web-page": (
        "ceci est une page web ou un export (HTML, XML), et non du texte brut. Copiez son "
        'texte dans un nouveau fichier (python publisher.py new "Titre" en crée un).'
    ),
    "file-pdf": (
        "ceci est un PDF, et non du texte brut. Donnez-lui un nom qui se termine par .pdf, et "
        'citez-le dans une entrée : attachments = ["report.pdf"].'
    ),
    "file-picture": (
        "ceci est une image, et non du texte brut. Donnez-lui un nom qui se termine par .jpg ou "
        '.png, et citez-la dans une entrée : image = "photo.jpg".'
    ),
    "file-binary": (
        "ceci n'est pas du texte brut. Copiez son texte dans un nouveau fichier (python "
        'publisher.py new "Titre" en crée un), ou copiez de nouveau le fichier s\'il '
        "s'agissait de texte brut auparavant."
    ),
    "file-json": (
        "sur chaque ligne, écrivez un nom, un signe égal et un texte entre guillemets droits, "
        'comme title = "…" ; supprimez les {{ }} et les deux-points.'
    ),
    "file-not-entry": (
        'il n\'y a ici ni titre, ni date, ni texte. Écrivez title = "…" sur la première ligne, '
        'puis date = 2008-10-20, et à la fin body = """ … """.'
    ),
    "file-ends-early": (
        'le fichier s\'arrête au milieu. Copiez-le de nouveau ; s\'il ne manque rien, ajoutez """ '
        "à la fin, seul sur une ligne."
    ),
    "file-utf16": (
        "le fichier est enregistré en « {found} », et non en UTF-8 ; il a été lu correctement. La "
        "prochaine fois, choisissez UTF-8 dans Enregistrer sous."
    ),
    "file-windows": (
        "le fichier est enregistré en « ANSI » (Windows-1252) ; il a été lu ainsi. La prochaine "
        "fois, choisissez UTF-8 dans Enregistrer sous."
    ),
    "file-mojibake": (
        "des lettres ont été abîmées à l'enregistrement : on lit ici « {found} », sans doute pour "
        "« {wanted} ». Copiez de nouveau le texte depuis sa source, et enregistrez-le en UTF-8."
    ),
    "file-lost-letters": (
        "des lettres ont été perdues ici à l'enregistrement ; il n'en reste que {found}. "
        "Retapez-les, et enregistrez le fichier en UTF-8."
    ),
    "front-matter": (
        'supprimez les lignes {found}, et mettez le texte à la fin, dans body = """ … """.'
    ),
    "two-versions": (
        "deux versions du texte se suivent ici, entre des lignes <<<<<<<, ======= et "
        ">>>>>>>. Gardez la bonne ; supprimez l'autre et ces trois lignes."
    ),
    "file-empty": (
        "ce fichier est vide pour le moment. S'il le reste pendant 10 minutes, copiez-le de "
        "nouveau."
    ),
    "file-still-empty": "ce fichier est vide. Copiez-le de nouveau.",
    "file-changing": "ce fichier est en cours d'écriture ; il sera lu dès qu'il ne changera plus.",
    "file-cut": (
        "le fichier s'arrête au milieu (copie en cours ?). Il sera relu dès qu'il changera ; s'il "
        "reste ainsi, copiez-le de nouveau."
    ),
    "body-cut": (
        'le texte (body) commence par """, mais ne se termine pas encore (copie en cours ?). Le '
        'fichier sera relu dès qu\'il changera ; s\'il ne manque rien, ajoutez """ à la fin du '
        "fichier, seul sur une ligne."
    ),
    "file-unreadable": (
        "ce fichier ne peut pas être ouvert. Fermez-le dans les autres programmes, copiez-le ici "
        "de nouveau, ou autorisez le programme de publication à le lire."
    ),
    "file-fault": (
        "ce fichier est retenu par un défaut de Dateline lui-même. Envoyez-le aux personnes qui "
        "s'occupent de Dateline ; tout le reste est publié."
    ),
    "folder-unreadable": (
        "ce dossier ne peut pas être ouvert. Ce qui en est publié reste, et d'ici là aucun fichier "
        "supprimé ne retire rien : autorisez le programme de publication à lire le dossier."
    ),
    "file-too-large": (
        "ce fichier dépasse 1 Mo. Ne mettez ici que du texte ; les images vont à côté du fichier."
    ),
    "file-encoding": (
        "on ne sait pas de façon sûre comment les lettres sont enregistrées ici. Ouvrez le fichier "
        "là où il s'affiche bien, et enregistrez-le de nouveau avec l'encodage UTF-8 (dans le "
        "Bloc-notes : Enregistrer sous, Encodage)."
    ),
}
