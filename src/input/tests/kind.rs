use super::super::kind::*;
use super::super::table::Table;

#[test]
fn a_wrapper_is_told_from_a_lead() {
    for page in [
        &br#"{"leads":[{"a":1}]}"#[..],
        br#"{"total":2,"x":{}, "r" : [ {"a":1}]}"#,
        br#"{"errors":[],"leads":[{"#,
    ] {
        assert_eq!(kind(page), ObjectKind::Page);
    }
    assert_eq!(kind(br#"{"total":0,"leads":[]}"#), ObjectKind::EmptyPage);
    for wrapper in [
        &br#"{"errors":[],"data":{"leads":[{"nom":"A"}]}}"#[..],
        br#"{"status":"ok","data":{"total":1,"rows":{"items":[{"nom":"A"}]}}}"#,
        br#"{"data":{"cols":["nom"],"rows":[["A"]]}}"#,
    ] {
        assert_eq!(kind(wrapper), ObjectKind::Wrapper);
    }
    for other in [
        &br#"{"order":{"number":"12","items":[{"sku":1}]}}"#[..],
        br#"{"data":{"leads":[{"nom":"A"}]},"included":{"owners":[{"nom":"B"}]}}"#,
        r#"{"prénom":"A","cart":{"items":[{"sku":1}]}}"#.as_bytes(),
    ] {
        assert_eq!(kind(other), ObjectKind::Other);
    }
    for lead in [
        &br#"{"email":"jean@example.fr","items":[{"a":1}]}"#[..],
        br#"{"items":[{"a":1}],"tel":"06 39 98 01 23"}"#,
        br#"{"nom":"A","tel":639980123,"tags":[]}"#,
    ] {
        assert_eq!(kind(lead), ObjectKind::Contact);
    }
    for other in [
        &br#"{"tags":["a"],"n":1}"#[..],
        br#"{"last_name":"Dupont","company":"ACME","tags":[]}"#,
        br#"{"contact":{"phone":"0639980123","last_name":"Dupont"},"tags":[]}"#,
    ] {
        assert_eq!(kind(other), ObjectKind::Other);
    }
    for lead in [
        &br#"{"id":"77","field_data":[{"name":"email","values":["a@example.fr"]}]}"#[..],
        r#"{"nom":"Martin","prénom":"Léa","products":[{"name":"Sofa"}]}"#.as_bytes(),
    ] {
        assert_eq!(kind(lead), ObjectKind::Other);
    }
    for page in [
        &br#"{"email":"me@agency.fr","leads":[{"email":"a@example.fr"}]}"#[..],
        br#"{"timestamp":1732600000000,"export":"x","leads":[{"nom":"A"}]}"#,
        br#"{"timestamp":1732600000000,"new":[{"nom":"A"}]}"#,
    ] {
        assert_eq!(kind(page), ObjectKind::Page);
    }
    for empty in [
        &br#"{"status":"ok","data":[],"total":0}"#[..],
        br#"{"timestamp":1732600000000,"data":[],"request_id":"1234567890"}"#,
        br#"{"meta":{"page":1,"links":{"next":"https://api.example.fr/?page=2"}},"data":[]}"#,
    ] {
        assert_eq!(kind(empty), ObjectKind::EmptyPage);
    }
}

#[test]
fn a_broken_lead_with_a_list_is_no_page() {
    for lead in [
        &br#"{"email":"a@example.fr","data":[{"x":1},{"x":2}],"nom":"A"#[..],
        br#"{"email":"a@example.fr" "data":[{"x":1}]}"#,
        br#"{"nom":"A","contacts":[{"email":"a@example.fr"}],,}"#,
        br#"{"data":[{"x":1}],"tel":"06 39 98 00 01","nom":"A"#,
        br#"{"agency":{"leads":[{"x":1}]},,}"#,
    ] {
        assert_eq!(kind(lead), ObjectKind::Other);
    }
    for page in [
        &br#"{"status":"ok","data":[{"x":1},{"x":2,,}],"next":null}"#[..],
        br#"{"export":"x","leads":[{"email":"a@example.fr"},{"x"#,
        br#"{"total":2,"rows":[{"tel":"06"#,
    ] {
        assert_eq!(kind(page), ObjectKind::Page);
    }
}

#[test]
fn however_deep_an_object_is_it_is_looked_into_a_little() {
    let deep = [
        br#"{"a":"#.repeat(200_000),
        b"[]".to_vec(),
        b"}".repeat(200_000),
    ]
    .concat();
    assert_eq!(kind(&deep), ObjectKind::Other);
}

fn table(text: &str) -> Option<Table> {
    match kind(text.as_bytes()) {
        ObjectKind::Table(table) => Some(table),
        _ => None,
    }
}

#[test]
fn a_table_is_told_from_a_lead() {
    let rows = |key: &str, names: Option<&[&str]>| {
        let names = names.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        let key = key.to_owned();
        Some(Table::Rows { key, names })
    };
    let sheet = r#"{"range":"Leads!A1:B9","majorDimension":"ROWS","values":[["nom","tel"],["A"]]}"#;
    assert_eq!(table(sheet), rows("values", None));
    let turned = sheet.replace("\"ROWS\"", "\"COLUMNS\"");
    assert_eq!(table(&turned), Some(Table::Columns(Some("values".into()))));
    let split = r#"{"columns":["nom","tel"],"index":[0],"data":[["A","06"]]}"#;
    assert_eq!(table(split), rows("data", Some(&["nom", "tel"])));
    let named = r#"{"rows":[["A",1]],"cols":[{"name":"nom","type":"t"},{"name":"n"}]}"#;
    assert_eq!(table(named), rows("rows", Some(&["nom", "n"])));
    for columns in [
        r#"{"nom":{"0":"A","1":"B"},"tel":{"0":"06","1":"07"}}"#,
        r#"{"nom":{"a1":"A","b2":"B"},"tel":{"a1":"06","b2":"07"}}"#,
        r#"{"nom":["A","B"],"tel":["06",null]}"#,
    ] {
        assert_eq!(table(columns), Some(Table::Columns(None)), "{columns}");
    }
    for members in [
        r#"{"0":{"nom":"A","tel":"06"},"1":{"nom":"B"}}"#,
        r#"{"-Mxyz":{"nom":"A"},"-Mabc":{"nom":"B","tel":"06"}}"#,
        r#"{"a@example.fr":{"nom":"A"},"b@example.fr":{"nom":"B"}}"#,
    ] {
        assert_eq!(table(members), Some(Table::Members), "{members}");
    }
    for lead in [
        r#"{"billing":{"nom":"A","tel":"06"},"shipping":{"nom":"A","tel":"06"}}"#,
        r#"{"step1":{"nom":"A"},"step2":{"tel":"06"}}"#,
        r#"{"nom":["A"],"tel":["06"]}"#,
        r#"{"nom":"A","tel":"0639980001","matrix":[["x","y"],["z","t"]]}"#,
        r#"{"emails":["a@example.fr","b@example.fr"],"nom":["A"]}"#,
    ] {
        assert_eq!(table(lead), None, "{lead}");
    }
}

/// What is longer than a lead is told by how it begins.
#[test]
fn a_long_object_is_told_by_its_first_bytes() {
    let long = |start: &str, piece: &str| start.to_owned() + &piece.repeat(100);
    for (text, expected) in [
        (
            long("{\"total\":9,\"x\":[", "{\"nom\":\"A, B\",\"n\":1},"),
            ObjectKind::Page,
        ),
        (
            long("{\"data\":{\"leads\":[", "{\"nom\":\"A\"},"),
            ObjectKind::Wrapper,
        ),
        // Broken in the midst.
        (
            long("{\"x\":[{\"nom\":\"A\"},{\"nom\":,}],", "{\"nom\":\"A\"},"),
            ObjectKind::Page,
        ),
        (
            long("{\"nom\":{\"0\":\"A\",", "\"1\":\"B\","),
            ObjectKind::Table(Table::Columns(None)),
        ),
    ] {
        assert_eq!(kind_of_long(text.as_bytes()), Some(expected), "{text}");
    }
    let lead = long("{\"nom\":\"A\",\"story\":\"", "x, y ");
    assert_eq!(kind_of_long(lead.as_bytes()), None);
}
