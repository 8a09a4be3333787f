"""The weekly status report, and the mail that cannot wait.

weeks     which week a report is about          figures   rows → dataclasses, nothing else
scopes    whose cameras it is about             rendering figures → HTML, text, XLSX, PDF
keeping   a report is made once and kept        delivery  once to each subscription and week
urgent    floodgates and uplinks, at once       mailing   claims, back-off, the mail itself
"""
