use serde_json::{Value, json};

use super::notes::NOTES;

fn document() -> Value {
    serde_json::from_str(&crate::openapi(&NOTES)).unwrap()
}

#[test]
fn an_operation_is_where_it_is_served_and_says_what_it_takes_and_gives() {
    let document = document();
    let create = &document["paths"]["/api/v1/notes"]["post"];
    assert_eq!(create["operationId"], "create_note");
    assert_eq!(create["summary"], "Keeps a note.");
    assert_eq!(create["tags"], json!(["notes"]));
    let body = &create["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/NewNote");
    let made = &create["responses"]["201"];
    assert_eq!(made["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/NoteView");
    assert!(made["headers"]["Location"].is_object());
    assert!(made.get("x-schemas").is_none());
    assert_eq!(create["responses"]["default"]["$ref"], "#/components/responses/Problem");
    assert_eq!(document["paths"]["/api/v1/notes"]["delete"]["responses"]["204"]["description"], "It was done.");
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let references = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next());
    let mut seen = 0;
    for pointer in references {
        assert!(document.pointer(pointer).is_some(), "{pointer} is not there");
        seen += 1;
    }
    assert!(seen > 10);
    for schema in ["NewNote", "Place", "NoteView", "NoteViewList", "PostId", "Problem"] {
        assert!(document["components"]["schemas"][schema].is_object(), "{schema}");
    }
}

#[test]
fn what_is_open_to_all_says_so_and_all_else_needs_a_token() {
    let document = document();
    assert_eq!(document["security"], json!([{ "bearer": [] }]));
    assert_eq!(document["paths"]["/api/v1/notes"]["get"]["security"], json!([{}]));
    assert!(document["paths"]["/api/v1/notes"]["post"].get("security").is_none());
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

#[test]
fn parameters_are_named() {
    let document = document();
    let id = &document["paths"]["/api/v1/notes/{id}"]["get"]["parameters"][0];
    assert_eq!((&id["name"], &id["in"], &id["required"]), (&json!("id"), &json!("path"), &json!(true)));
    let parameters = document["paths"]["/api/v1/notes"]["get"]["parameters"].as_array().unwrap();
    let names: Vec<_> = parameters.iter().map(|p| (p["name"].as_str().unwrap(), p["in"].as_str().unwrap())).collect();
    for name in ["limit", "cursor", "skip", "about", "old"] {
        assert!(names.contains(&(name, "query")), "{name} is not among {names:?}");
    }
}

#[test]
fn the_version_is_the_services_own() {
    assert_eq!(document()["info"]["version"], "1.2.3");
    assert_eq!(document()["info"]["title"], "Notes");
}
