"""The Python peers of W3: the same columns as JSON lines. Arguments: csv|polars IN OUT."""

import sys

COLUMNS = {"Civilité": "title", "Nom": "name", "Prénom": "firstname", "E-mail": "email1",
           "Téléphone": "phone1", "Adresse": "address1", "Code postal": "zipcode",
           "Ville": "city", "Pays": "country", "Commentaire": "comment"}


def by_csv(source, target):
    import csv
    import json
    with open(source, encoding="utf-8", newline="") as rows, open(target, "w", encoding="utf-8") as out:
        for row in csv.DictReader(rows, delimiter=";"):
            body = {new: row[old] for old, new in COLUMNS.items() if row[old]}
            out.write(json.dumps(body, ensure_ascii=False) + "\n")


def by_polars(source, target):
    import polars
    text = {name: polars.String for name in open(source, encoding="utf-8").readline().strip().split(";")}
    rows = polars.scan_csv(source, separator=";", schema=text)
    rows.select([polars.col(old).alias(new) for old, new in COLUMNS.items()]).sink_ndjson(target)


{"csv": by_csv, "polars": by_polars}[sys.argv[1]](sys.argv[2], sys.argv[3])
