SELECT user_id, username, username_at, full_name, bio, profile_picture_url, avatar_media_id, preferences, timezone_changed_at,
 contact_version, edited_at, version, created_at, updated_at FROM user_profiles WHERE user_id = '{me}' LIMIT 1;
