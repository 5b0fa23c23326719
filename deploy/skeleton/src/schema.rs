// @generated automatically by Diesel CLI.

diesel::table! {
    entries (id) {
        id -> Uuid,
        owner_id -> Uuid,
        body -> Text,
        created_at -> Timestamptz,
    }
}
