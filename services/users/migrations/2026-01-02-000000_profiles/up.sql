-- Profiles: what an account shows of itself and how it wants to be treated. Who may log in is auth's.
-- `username` is a copy of auth's; `username_at` dates the fact it came from, so that an older one never wins.
-- `preferences` holds only what was chosen; defaults are added when it is read.
CREATE TABLE user_profiles (
    user_id uuid NOT NULL,
    username text,
    username_at timestamptz,
    full_name text,
    bio text,
    profile_picture_url text,
    avatar_media_id uuid,
    preferences jsonb NOT NULL DEFAULT '{}',
    timezone_changed_at timestamptz,
    contact_version bigint NOT NULL DEFAULT 0,
    edited_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT user_profiles_pkey PRIMARY KEY (user_id),
    CONSTRAINT user_profiles_username_length CHECK (char_length(username) BETWEEN 1 AND 50),
    CONSTRAINT user_profiles_full_name_length CHECK (char_length(full_name) <= 100),
    CONSTRAINT user_profiles_bio_length CHECK (char_length(bio) <= 2000),
    CONSTRAINT user_profiles_profile_picture_url_length CHECK (char_length(profile_picture_url) <= 500),
    CONSTRAINT user_profiles_preferences_object CHECK (jsonb_typeof(preferences) = 'object')
);

CREATE UNIQUE INDEX user_profiles_username_key ON user_profiles (lower(username));
