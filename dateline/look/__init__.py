"""What do the public pages have of the newsroom's own: its logo, its colours, its templates?

`reading` makes the `Look` that a configuration asks for, and says what is wrong with the files;
`templates` renders, `colours` gives what goes after Dateline's own style.
"""
