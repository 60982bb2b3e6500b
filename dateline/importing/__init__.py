"""Import of what was published elsewhere, with its ids, addresses and dates.

`run` is what the command `import` calls. Every kind of source (`sources`) is read into the same
values (`items`): a feed with its archives, a WordPress export, the content folder of a site
generator, or a saved page that lists news. `merge` adds what the old feed knows. Entries that
exist already stay as they are (`existing`). The others become fields and Markdown (`compose`,
`dateline.entries.pasted.html_to_markdown`) with their files beside them (`media`), and entry files
that are checked like those of staff (`write`). `report` lists the results, and `verify` compares
the old feed with the new one as feed readers do.
"""
