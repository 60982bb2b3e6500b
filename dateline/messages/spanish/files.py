"""What is staff told in Spanish of a file as a whole?"""

from __future__ import annotations

FILES: dict[str, str] = {
    # ---- Its name, and where it lies
    "name-not-toml": (
        "el nombre de este archivo no termina en .toml, por lo que no se lee. Si es una noticia, "
        "dele un nombre como report.toml (en el Explorador: Vista, Extensiones de nombre de "
        "archivo)."
    ),
    "name-of-notes": (
        "este archivo tiene título, fecha y texto, pero por su nombre no es una entrada, así que "
        "no se lee. Si es una noticia, llámelo {wanted}."
    ),
    "name-txt": (
        "el nombre termina en .toml.txt; se leyó como .toml. Para ver cómo terminan los nombres, "
        "en el Explorador: Vista, Extensiones de nombre de archivo."
    ),
    "name-shortcut": (
        "esto es un acceso directo, no el archivo mismo. Copie aquí el archivo en su lugar."
    ),
    "name-not-plain": (
        "el nombre contiene signos que no se pueden mostrar (aquí: \ufffd). Cambie el nombre por "
        "uno con simples letras y cifras, como report.toml."
    ),
    "name-twice": (
        "otro archivo tiene aquí el mismo nombre, salvo mayúsculas o acentos; para Windows y macOS "
        "son un solo archivo. Cambie el nombre de uno de ellos o elimínelo."
    ),
    "link-outside": (
        "esto es un enlace a un lugar fuera de la carpeta de entradas, o a nada; no se sigue. "
        "Copie aquí el archivo mismo."
    ),
    "name-conflict": (
        "esto parece una copia en conflicto de {found}: dos personas lo modificaron al mismo "
        "tiempo. Deje el texto correcto en un solo archivo y elimine el otro."
    ),
    "name-conflict-alone": (
        "esto parece una copia en conflicto de {found}, que no está aquí. Si este es el texto "
        "correcto, cambie el nombre de este archivo a {found}; si no, elimínelo."
    ),
    "name-copy": (
        "esto es una segunda copia de {found}, con casi el mismo texto. Elimínela o, si es otra "
        "noticia, dele su propio nombre de archivo, su título y su fecha."
    ),
    "file-skipped": "",
    # ---- The file as a whole
    "file-word": (
        "esto es un {found}, no texto sin formato. Copie el texto en un archivo nuevo "
        '(python publisher.py new "Título" crea uno); o, en Word, elija Guardar como, Texto '
        "sin formato (.txt), codificación UTF-8, y dé al archivo un nombre como report.toml."
    ),
    "file-mail": (
        "esto es un correo electrónico, no texto sin formato. Copie su texto en un archivo "
        'nuevo (python publisher.py new "Título" crea uno).'
    ),
    "file-rich-text": (
        "esto es texto enriquecido (WordPad, TextEdit), no texto sin formato. En TextEdit elija "
        "Formato, Convertir en texto sin formato, y guárdelo de nuevo; en WordPad, guárdelo como "
        "documento de texto sin formato."
    ),
    "file-web-page": (
        "esto es una página web o una exportación (HTML, XML), no texto sin formato. Copie "
        'su texto en un archivo nuevo (python publisher.py new "Título" crea uno).'
    ),
    "file-pdf": (
        "esto es un PDF, no texto sin formato. Dele un nombre que termine en .pdf y nómbrelo en "
        'una entrada: attachments = ["report.pdf"].'
    ),
    "file-picture": (
        "esto es una imagen, no texto sin formato. Dele un nombre que termine en .jpg o .png y "
        'nómbrela en una entrada: image = "photo.jpg".'
    ),
    "file-binary": (
        "esto no es texto sin formato. Copie su texto en un archivo nuevo (python "
        'publisher.py new "Título" crea uno), o vuelva a copiar el archivo si antes era '
        "texto sin formato."
    ),
    "file-json": (
        "en cada línea, escriba un nombre, un signo igual y un texto entre comillas rectas, como "
        'title = "…"; quite las {{ }} y los dos puntos.'
    ),
    "file-not-entry": (
        'aquí no hay título, fecha ni texto. Escriba title = "…" en la primera línea, después date '
        '= 2008-10-20 y, al final, body = """ … """.'
    ),
    "file-ends-early": (
        'el archivo termina a la mitad. Cópielo de nuevo; si no falta nada, añada """ al final, en '
        "una línea aparte."
    ),
    "file-utf16": (
        "el archivo está guardado como «{found}», no como UTF-8; se leyó correctamente. La próxima "
        "vez elija UTF-8 en Guardar como."
    ),
    "file-windows": (
        "el archivo está guardado como «ANSI» (Windows-1252); se leyó así. La próxima vez elija "
        "UTF-8 en Guardar como."
    ),
    "file-mojibake": (
        "algunas letras se estropearon al guardar: aquí dice «{found}», probablemente en lugar de "
        "«{wanted}». Copie el texto de nuevo desde su origen y guárdelo como UTF-8."
    ),
    "file-lost-letters": (
        "aquí se perdieron letras al guardar; solo queda {found}. Escríbalas de nuevo y "
        "guarde el archivo como UTF-8."
    ),
    "front-matter": 'quite las líneas {found} y ponga el texto al final, en body = """ … """.',
    "two-versions": (
        "aquí hay dos versiones del texto, una debajo de otra, entre líneas de <<<<<<<, "
        "======= y >>>>>>>. Conserve la correcta; borre la otra y esas tres líneas."
    ),
    "file-empty": "este archivo está vacío por ahora. Si sigue así 10 minutos, cópielo de nuevo.",
    "file-still-empty": "este archivo está vacío. Cópielo de nuevo.",
    "file-changing": (
        "este archivo todavía se está escribiendo; se leerá en cuanto deje de cambiar."
    ),
    "file-cut": (
        "el archivo termina a la mitad (¿todavía se está copiando?). Se leerá de nuevo en cuanto "
        "cambie; si sigue así, cópielo de nuevo."
    ),
    "body-cut": (
        'el texto (body) empieza con """, pero todavía no ha terminado (¿se está copiando?). Se '
        'leerá de nuevo en cuanto cambie el archivo; si no falta nada, añada """ al final del '
        "archivo, en una línea aparte."
    ),
    "file-unreadable": (
        "este archivo no se puede abrir. Ciérrelo en otros programas, cópielo aquí de nuevo, o "
        "permita que el programa de publicación lo lea."
    ),
    "file-fault": (
        "este archivo está retenido por un fallo del propio Dateline. Envíelo a quienes se ocupan "
        "de Dateline; todo lo demás se publica."
    ),
    "folder-unreadable": (
        "esta carpeta no se puede abrir. Lo publicado desde ella se queda, y hasta entonces ningún "
        "archivo eliminado retira nada: permita que el programa de publicación lea la carpeta."
    ),
    "file-too-large": (
        "este archivo pesa más de 1 MB. Ponga aquí solo texto; las imágenes van junto al archivo."
    ),
    "file-encoding": (
        "no se sabe con certeza cómo están guardadas aquí las letras. Abra el archivo donde se vea "
        "bien y guárdelo de nuevo con la codificación UTF-8 (en el Bloc de notas: Guardar como, "
        "Codificación)."
    ),
}
