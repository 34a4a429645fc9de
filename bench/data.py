"""The bench's leads: synthetic, told apart by a number, and the bodies and
curl files made of them. Phone numbers are of the ranges kept for fiction."""

import json

HEADER = ("Espace client;Programme;Civilité;Nom;Prénom;E-mail;Téléphone;Téléphone 2;"
          "Adresse;Code postal;Ville;Pays;Commentaire;Date de création")
RANGES = ["06 39 98", "01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49"]
LAST = ["Martin", "Lefèvre", "Nguyen", "D'Almeida", "Garçon", "Petit", "Müller", "Bénard"]
FIRST = ["Léa", "Hugo", "Chloé", "Jean-Noël", "Inès", "Paul", "Zoé"]
CITIES = [("69003", "Lyon"), ("01000", "Bourg-en-Bresse"), ("75011", "Paris"),
          ("13002", "Marseille"), ("06000", "Nice")]
COMMENTS = ["Cherche un T3 avec balcon", "", "À rappeler après 18 h", "Budget 250 000 €, prêt accordé"]


def row(number):
    """The cells of lead `number`, in the header's order."""
    last, first = LAST[number % len(LAST)], FIRST[number % len(FIRST)]
    digits = f"{number % 10_000:04d}"
    zip_code, city = CITIES[number % len(CITIES)]
    return ["demo", "12", "Mme" if number % 2 else "M.", last, first,
            f"lead{number}@example.fr", f"{RANGES[number % 6]} {digits[:2]} {digits[2:]}", "",
            f"{number % 200} rue de la République", zip_code, city, "France",
            COMMENTS[number % len(COMMENTS)], "2026-11-22 10:00:00"]


def write_csv(path, count, first=0):
    with open(path, "w", encoding="utf-8") as out:
        out.write(HEADER + "\n")
        for number in range(first, first + count):
            out.write(";".join(row(number)) + "\n")


def write_jsonl(path, count, first=0):
    names = HEADER.split(";")
    with open(path, "w", encoding="utf-8") as out:
        for number in range(first, first + count):
            out.write(json.dumps(dict(zip(names, row(number))), ensure_ascii=False) + "\n")


def body(cells):
    """What the partner is sent, as `leadctl` maps it."""
    phone = "+33" + "".join(cells[6].split())[1:]
    fields = {"title": "ms" if cells[2] == "Mme" else "mr", "name": cells[3], "firstname": cells[4],
              "email1": cells[5], "phone1": phone, "city": cells[10], "zipcode": cells[9],
              "country": "FR", "address1": cells[8], "comment": cells[12]}
    return json.dumps({k: v for k, v in fields.items() if v}, ensure_ascii=False, separators=(",", ":"))


def write_bodies(path, count):
    with open(path, "w", encoding="utf-8") as out:
        for number in range(count):
            out.write(body(row(number)) + "\n")


def write_curl(path, count, port):
    """A curl config: one transfer a lead, bodies in it."""
    url = f"http://127.0.0.1:{port}/v1/demo/programs/12/registrations"
    with open(path, "w", encoding="utf-8") as out:
        for number in range(count):
            data = body(row(number)).replace("\\", "\\\\").replace('"', '\\"')
            out.write("next\n" if number else "")
            out.write(f'url = "{url}"\noutput = "/dev/null"\nheader = "X-API-Key: bench"\n'
                      f'header = "Content-Type: application/json"\ndata-binary = "{data}"\n')
