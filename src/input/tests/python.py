# Writes random tables with Python's csv module, in many dialects and encodings, and
# a list of them. Arguments: a folder, a seed.
import csv
import json
import random
import sys

folder, seed = sys.argv[1], int(sys.argv[2])
chance = random.Random(seed)
SIGNS = list(" \t,;|\"'\n\r=:#\\-+@aeZ09«»éèàçÉœ€’ñüß°") + ["\u00a0", "\r\n", '""', ", ", "''"]
ENCODINGS = {
    "utf-8": None,
    "utf-8-sig": None,
    "utf-16": None,
    "utf-16-le": None,
    "utf-16-be": None,
    "utf-32": None,
    "utf-32-le": None,
    "cp1252": "windows-1252",
    "mac_roman": "macintosh",
    "cp850": "cp850",
    "cp437": "cp437",
    "iso8859-15": "iso-8859-15",
}
DIALECTS = [{"dialect": name} for name in csv.list_dialects()]
for delimiter in ",;\t|":
    for end in "\n", "\r\n", "\r":
        for quoting in csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC:
            DIALECTS.append({"delimiter": delimiter, "lineterminator": end, "quoting": quoting})
    DIALECTS.append({"delimiter": delimiter, "quotechar": "'", "quoting": csv.QUOTE_ALL})


def cell(encoding, dialect):
    text = "".join(chance.choices(SIGNS, k=chance.choice((0, 1, 2, 3, 8))))
    # Some versions leave the other line end without quotes: then nothing tells it
    # from the end of a row.
    end = dialect.get("lineterminator", "\r\n")
    if dialect.get("quoting") == csv.QUOTE_MINIMAL and len(end) == 1:
        text = text.replace("\r", end).replace("\n", end)
    return text.encode(encoding, "ignore").decode(encoding)


tables = []
for encoding, label in ENCODINGS.items():
    for dialect in DIALECTS:
        rows = [[cell(encoding, dialect) for _ in range(3)] for _ in range(chance.randrange(1, 9))]
        name = f"{len(tables)}.csv"
        with open(f"{folder}/{name}", "w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, **dialect)
            writer.writerow(["Nom", "Ville", "Mot"])
            writer.writerows(rows)
        delimiter = "\t" if dialect.get("dialect") == "excel-tab" else dialect.get("delimiter", ",")
        tables.append(
            {"name": name, "how": f"{encoding} {dialect}", "encoding": label, "delimiter": delimiter, "rows": rows}
        )
json.dump(tables, sys.stdout)
