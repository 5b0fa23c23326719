// @generated automatically by Diesel CLI.

diesel::table! {
    user_profiles (user_id) {
        user_id -> Uuid,
        username -> Nullable<Text>,
        username_at -> Nullable<Timestamptz>,
        full_name -> Nullable<Text>,
        bio -> Nullable<Text>,
        profile_picture_url -> Nullable<Text>,
        avatar_media_id -> Nullable<Uuid>,
        preferences -> Jsonb,
        timezone_changed_at -> Nullable<Timestamptz>,
        contact_version -> Int8,
        edited_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}
