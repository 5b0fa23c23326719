-- A small copy of profiles, fed by users.profile.updated.v1, so that showing who wrote something asks no other service.
CREATE TABLE authors (
    user_id uuid NOT NULL,
    username text,
    full_name text,
    profile_picture_url text,
    avatar_media_id uuid,
    version bigint NOT NULL,
    erased_at timestamptz,
    CONSTRAINT authors_pkey PRIMARY KEY (user_id)
);
