// @generated automatically by Diesel CLI.

diesel::table! {
    contacts (user_id) {
        user_id -> Uuid,
        email -> Nullable<Text>,
        email_verified -> Bool,
        username -> Nullable<Text>,
        full_name -> Nullable<Text>,
        locale -> Nullable<Text>,
        contact_version -> Int8,
        language -> Nullable<Text>,
        timezone -> Nullable<Text>,
        by_email -> Bool,
        by_push -> Bool,
        by_ws -> Bool,
        profile_version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Uuid,
        dedup_key -> Text,
        template -> Text,
        user_id -> Nullable<Uuid>,
        address -> Nullable<Text>,
        masked -> Nullable<Text>,
        locale -> Nullable<Text>,
        params -> Jsonb,
        state -> Text,
        attempts -> Int4,
        next_at -> Timestamptz,
        leased_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        request_id -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(contacts, deliveries,);
