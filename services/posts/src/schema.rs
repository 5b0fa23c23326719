// @generated automatically by Diesel CLI.

pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, Clone, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "ltree"))]
    pub struct Ltree;
}

diesel::table! {
    authors (user_id) {
        user_id -> Uuid,
        username -> Nullable<Text>,
        full_name -> Nullable<Text>,
        profile_picture_url -> Nullable<Text>,
        avatar_media_id -> Nullable<Uuid>,
        version -> Int8,
        erased_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Ltree;

    comments (id) {
        id -> Uuid,
        post_id -> Uuid,
        author_id -> Uuid,
        parent_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        edited_at -> Nullable<Timestamptz>,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        depth -> Int2,
        path -> Ltree,
        body -> Text,
    }
}

diesel::table! {
    jobs (name) {
        name -> Text,
        begun_at -> Timestamptz,
    }
}

diesel::table! {
    likes (user_id, post_id) {
        user_id -> Uuid,
        post_id -> Uuid,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    post_revisions (post_id, version) {
        post_id -> Uuid,
        version -> Int4,
        body -> Text,
        tags -> Array<Text>,
        visibility -> Text,
        written_at -> Timestamptz,
    }
}

diesel::table! {
    posts (id) {
        id -> Uuid,
        author_id -> Uuid,
        created_at -> Timestamptz,
        edited_at -> Nullable<Timestamptz>,
        hidden_at -> Nullable<Timestamptz>,
        deleted_at -> Nullable<Timestamptz>,
        like_count -> Int4,
        comment_count -> Int4,
        version -> Int4,
        visibility -> Text,
        tags -> Array<Text>,
        media_ids -> Array<Uuid>,
        body -> Text,
    }
}

diesel::joinable!(comments -> posts (post_id));
diesel::joinable!(post_revisions -> posts (post_id));

diesel::allow_tables_to_appear_in_same_query!(authors, comments, jobs, likes, post_revisions, posts,);
