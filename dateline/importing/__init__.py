"""How does the past of a newsroom come over, so that no reader notices?

Each kind of source (`sources`) gives the same values (`item`): feeds (`feeds`, `jsonfeed`), a
WordPress export (`wordpress`), the content folder of a site generator (`folders`, `frontmatter`,
`permalinks`), and a saved page that lists news (`listing`). What is here already stays as it is
(`present`). The others become Markdown (`writing`), with their files beside them (`files`), and
entry files (`entryfile`), which are judged as staff's are (`proofing`). `comparing` shows the old
feed and the new one with readers' eyes.
"""
