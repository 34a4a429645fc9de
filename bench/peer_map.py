"""The Python peers of `rows`: the mapping that leadctl does, written as a script's
author would: titles and countries by a table, numbers to E.164 (overseas by their
prefix), addresses in lower case and looked at, blanks left out, JSON lines. With
`judged` the numbers are read, and judged, by Google's rules, as leadctl does it.
Arguments: csv|judged|polars IN OUT."""

import sys

from data import OVERSEAS, international

TITLES = {"mme": "ms", "mlle": "ms", "m.": "mr", "m": "mr"}
COUNTRIES = {"france": "FR", "belgique": "BE", "suisse": "CH"}
COLUMNS = {"Civilité": "title", "Nom": "name", "Prénom": "firstname", "E-mail": "email1",
           "Téléphone": "phone1", "Téléphone 2": "phone2", "Ville": "city", "Code postal": "zipcode",
           "Pays": "country", "Adresse": "address1", "Commentaire": "comment"}
DOUBTFUL = []
ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def judged(written):
    import phonenumbers
    digits = "".join(c for c in written if c.isdigit() or c == "+")
    overseas = OVERSEAS.get(digits[:4])
    number = phonenumbers.parse(overseas + digits[1:] if overseas else digits, "FR")
    if not phonenumbers.is_possible_number(number):
        return ""
    if not phonenumbers.is_valid_number(number):
        DOUBTFUL.append(written)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def by_csv(source, target, number=international):
    import csv
    import json
    import re
    address = re.compile(ADDRESS)
    change = {"title": lambda v: TITLES.get(v.lower(), ""), "country": lambda v: COUNTRIES.get(v.lower(), v),
              "email1": lambda v: v.lower() if address.match(v) else "", "phone1": number, "phone2": number}
    with open(source, encoding="utf-8", newline="") as rows, open(target, "w", encoding="utf-8") as out:
        for row in csv.DictReader(rows, delimiter=";"):
            body = {}
            for old, new in COLUMNS.items():
                value = row[old].strip()
                if value:
                    body[new] = change[new](value) if new in change else value
            out.write(json.dumps(body, ensure_ascii=False) + "\n")


def by_polars(source, target):
    import polars
    from polars import col, when

    def number(name):
        digits = col(name).str.replace_all(r"[^0-9+]", "")
        overseas = digits.str.slice(0, 4).replace_strict(OVERSEAS, default="+33")
        return (when(digits == "").then(None).when(digits.str.starts_with("+")).then(digits)
                .when(digits.str.starts_with("00")).then("+" + digits.str.slice(2))
                .otherwise(overseas + digits.str.slice(1)))

    change = {"title": lambda c: c.str.to_lowercase().replace_strict(TITLES, default=None),
              "country": lambda c: c.str.to_lowercase().replace_strict(COUNTRIES, default=None),
              "email1": lambda c: when(c.str.contains(ADDRESS)).then(c.str.to_lowercase())}
    made = []
    for old, new in COLUMNS.items():
        if new.startswith("phone"):
            made.append(number(old).alias(new))
        else:
            plain = col(old).str.strip_chars()
            made.append(change.get(new, lambda c: when(c != "").then(c))(plain).alias(new))
    names = open(source, encoding="utf-8").readline().strip().split(";")
    rows = polars.scan_csv(source, separator=";", schema={name: polars.String for name in names})
    rows.select(made).sink_ndjson(target)


if __name__ == "__main__":
    modes = {"csv": by_csv, "judged": lambda source, target: by_csv(source, target, judged), "polars": by_polars}
    modes[sys.argv[1]](sys.argv[2], sys.argv[3])
