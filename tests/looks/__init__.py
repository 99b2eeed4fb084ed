"""Every page, looked at in a browser: in both languages, both themes, both sizes. # UX-01, UX-05

    ./dev demo
    ./dev looks [--only WORDS] [--quick]

A contact sheet of all pages and a list of what is wrong with each stand in var/looks afterwards.
It needs the demo's company, and a Chromium on this machine.
"""
